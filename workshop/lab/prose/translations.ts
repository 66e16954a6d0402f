/**
 * Two languages, one set of commands.
 *
 * - compareTranslations(a, b)   the first line in which the console blocks and the included code
 *                               of two documents differ, or undefined
 */
import { readProse, type Document } from './document.ts';

interface Line {
  readonly place: string;
  readonly text: string;
}

export function compareTranslations(a: string, b: string): string | undefined {
  const [first, second] = [linesToShare(readProse(a)), linesToShare(readProse(b))];
  const length = Math.max(first.length, second.length);
  for (let index = 0; index < length; index++) {
    const [one, other] = [first[index], second[index]];
    if (one?.text !== other?.text) return `${said(a, one)}\n${said(b, other)}`;
  }
  return undefined;
}

function said(file: string, line: Line | undefined): string {
  return line === undefined ? `${file}: no more blocks` : `${line.place}: ${line.text}`;
}

function linesToShare({ file, blocks, includes }: Document): readonly Line[] {
  const fences = [...blocks, ...includes].toSorted((one, other) => one.line - other.line);
  return fences.flatMap(({ line, info, content }) =>
    [`\`\`\`${info}`, ...content, '```'].map((text, index) => ({
      place: `${file}:${line + index}`,
      text,
    })),
  );
}
