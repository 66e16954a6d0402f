// The kernel's list format: "0-1,3" is the set {0, 1, 3}. Processors, memory nodes.
//
// - parseCpuList(text): the numbers in rising order, each once
// - formatCpuList(numbers): the shortest list
//
// Source: cpuset(7), "List format".

import { ControlGroupError } from '../group/errors.ts';

/**
 * More than any kernel has (NR_CPUS is 8192): "0-9999999999" must not fill the memory.
 */
const most = 65_536;

/** @throws OPTION when the text is no such list */
export function parseCpuList(text: string): number[] {
  const numbers = new Set<number>();
  for (const part of text.trim().split(',')) {
    if (part === '' && text.trim() === '') break;
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || first > last || last > most) {
      const what = JSON.stringify(text);
      throw new ControlGroupError(
        'OPTION',
        `${what} is not a list of numbers: write 0-1,3 for 0, 1 and 3`,
      );
    }
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return [...numbers].toSorted((a, b) => a - b);
}

export function formatCpuList(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].toSorted((a, b) => a - b);
  const ranges: { first: number; last: number }[] = [];
  for (const number of sorted) {
    const range = ranges.at(-1);
    if (range !== undefined && range.last + 1 === number) range.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',');
}
