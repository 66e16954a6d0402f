/**
 * What the prose says and what the terminal showed, line by line.
 *
 * - compareOutput(expected, output, patterns)   the first difference, or undefined
 * - undeclared(expected, patterns)              a placeholder that no pattern explains
 * - linesOf(output)                             as a reader sees them: no colours, no end of line
 *
 * A `<name>` stands for its pattern, a run of spaces for any run of white space (columns move when
 * a number grows), and `…` alone on a line for any number of lines. All else is literal.
 */
import { stripVTControlCharacters } from 'node:util';
import type { ExpectedLine } from './steps.ts';

type Patterns = ReadonlyMap<string, string>;

export interface Difference {
  /** Undefined: nothing more was expected. */
  readonly expected: ExpectedLine | undefined;
  /** The lines of which one should have fitted; none: the output was at its end. */
  readonly got: readonly string[];
}

const placeholder = /<[a-z][a-z0-9-]*>/g;

export function linesOf(output: string): readonly string[] {
  const lines = stripVTControlCharacters(output)
    .split(/\r*\n/)
    .map(line => line.trimEnd());
  return lines.slice(0, lines.findLastIndex(line => line !== '') + 1);
}

export function undeclared(
  expected: readonly ExpectedLine[],
  patterns: Patterns,
): { readonly line: number; readonly name: string } | undefined {
  for (const { line, text } of expected) {
    const name = text.match(placeholder)?.find(one => !patterns.has(one));
    if (name !== undefined) return { line, name };
  }
  return undefined;
}

export function compareOutput(
  expected: readonly ExpectedLine[],
  got: readonly string[],
  patterns: Patterns,
): Difference | undefined {
  // How many lines of the output may be used up so far: several after a `…`.
  let used: readonly number[] = [0];
  for (const one of expected) {
    const next = advance(one.text, used, got, patterns);
    if (next.length === 0) {
      const candidates = used.flatMap(index => got[index] ?? []);
      return { expected: one, got: candidates };
    }
    used = next;
  }
  if (used.includes(got.length)) return undefined;
  return { expected: undefined, got: got.slice(Math.max(...used)) };
}

function advance(
  text: string,
  used: readonly number[],
  got: readonly string[],
  patterns: Patterns,
): readonly number[] {
  if (text.trim() === '…') {
    const first = Math.min(...used);
    return Array.from({ length: got.length - first + 1 }, (_, more) => first + more);
  }
  const line = lineExpression(text.trimEnd(), patterns);
  return used.flatMap(index =>
    line.test(got[index] ?? '') && index < got.length ? index + 1 : [],
  );
}

function lineExpression(text: string, patterns: Patterns): RegExp {
  const names = text.match(placeholder) ?? [];
  const literals = text.split(placeholder).map(literalSource);
  const parts = literals.map((literal, index) => {
    const name = names[index];
    return name === undefined ? literal : `${literal}(?:${patterns.get(name) ?? '[]'})`;
  });
  // A number that grows eats the space before its column.
  const margin = /^[\s<]/.test(text) ? '[ \\t]*' : '';
  return new RegExp(`^${margin}${parts.join('').replace(/^\[ \\t\]\+/, '')}$`);
}

function literalSource(text: string): string {
  return text
    .split(/[ \t]+/)
    .map(word => word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('[ \\t]+');
}
