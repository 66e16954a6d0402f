// Lists of small numbers as the kernel writes them: `0-3,7`.
//
// - `parseRanges(text)`: the numbers, ascending; undefined if it is no such list
//
// Source: cpuset(7), "List format".

/** More than any machine has; a list that a caller sends must not fill the memory. */
const most = 8192;

export function parseRanges(text: string): readonly number[] | undefined {
  const numbers = new Set<number>();
  for (const part of text.trim().split(',')) {
    const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()) ?? [];
    const [low, high] = [Number(first), Number(last)];
    if (first === '' || high < low || high >= most) return undefined;
    for (let number = low; number <= high; number += 1) numbers.add(number);
  }
  return [...numbers].toSorted((a, b) => a - b);
}
