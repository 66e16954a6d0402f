// Tables as docker prints them, and as wide as the terminal at most.
//
// - `table(columns, rows, width)`   the text; `width` undefined: nobody looks, nothing is cut
//
// Columns are three spaces apart and at least `narrowest` wide. Where all do not fit, the widest
// cells are cut until they do: a line that breaks cannot be read.

import { styleText } from 'node:util';

export function table(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
  narrowest = 10,
): string {
  const all = [columns, ...rows];
  const wide = columns.map((_, index) => Math.max(...all.map(row => (row[index] ?? '').length)));
  const isKept = columns.map(title => /(^| )(ID|NAMES?|REPOSITORY|TAG)$/.test(title));
  const fitted = width === undefined ? wide : fit(wide, width, isKept);
  const lines = all.map(row =>
    row.map((cell, index) => pad(cell, fitted, index, narrowest)).join(''),
  );
  const [head = '', ...body] = lines;
  const title = width === undefined ? head : styleText('bold', head);
  return `${[title, ...body].join('\n')}\n`;
}

const gap = 3;
const least = 7;

function pad(cell: string, widths: readonly number[], index: number, narrowest: number): string {
  const width = widths[index] ?? 0;
  const shown = cell.length > width ? `${cell.slice(0, width - 1)}…` : cell;
  const isLast = index === widths.length - 1;
  return isLast ? shown : shown.padEnd(Math.max(width + gap, narrowest));
}

/** What people type again is not cut. */
function fit(
  wide: readonly number[],
  width: number,
  isKept: readonly boolean[],
): readonly number[] {
  const widths = [...wide];
  const total = (): number =>
    widths.reduce(
      (sum, one, index) => sum + (index === widths.length - 1 ? one : Math.max(one + gap, 10)),
      0,
    );
  while (total() > width) {
    const most = Math.max(...widths.filter((_, index) => isKept[index] !== true));
    const widest = widths.findIndex((one, index) => one === most && isKept[index] !== true);
    const now = widths[widest] ?? 0;
    if (now <= least) break;
    widths[widest] = now - 1;
  }
  return widths;
}
