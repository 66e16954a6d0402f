/**
 * The tests that are known not to run on a machine: a file with one `name :: reason` a line.
 *
 * - parseKnown(text)             the entries; a line without a reason is refused
 * - unexpected(notRun, known)    what did not run and is not in the file: that fails a run in CI
 * - returned(notRun, known)      what the file lists but now runs: the line can go
 *
 * Lines that start with `#` are remarks; a name that ends with `*` stands for all that begin so.
 */
import type { NotRun } from './outcome.ts';

export function parseKnown(text: string): readonly NotRun[] {
  const lines = text.split('\n').map(line => line.trim());
  return lines
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      const [name, reason, ...more] = line.split(' :: ');
      if (name === undefined || reason === undefined || more.length > 0) {
        throw new Error(`not a \`name :: reason\` line: ${line}`);
      }
      return { name, reason };
    });
}

export function unexpected(notRun: readonly NotRun[], known: readonly NotRun[]): readonly NotRun[] {
  return notRun.filter(({ name }) => !known.some(one => covers(one.name, name)));
}

export function returned(notRun: readonly NotRun[], known: readonly NotRun[]): readonly NotRun[] {
  return known.filter(one => !notRun.some(({ name }) => covers(one.name, name)));
}

function covers(known: string, name: string): boolean {
  return known.endsWith('*') ? name.startsWith(known.slice(0, -1)) : known === name;
}
