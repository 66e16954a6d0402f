/**
 * The three figures of a row of measurements.
 *
 * - summarize(values)  → { minimum, median, maximum }
 *
 * No mean: on a shared machine one round in a hundred waits for somebody else.
 */
export interface Summary {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

/** @throws RangeError for an empty row */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const [minimum, maximum] = [sorted[0], sorted.at(-1)];
  if (minimum === undefined || maximum === undefined) throw new RangeError('nothing was measured');
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  const median = middle.reduce((sum, value) => sum + value, 0) / middle.length;
  return { minimum, median, maximum };
}
