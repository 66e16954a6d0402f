// Tables as docker prints them, and as wide as the terminal at most.
//
// - `table(columns, rows, width)`   the text; `width` undefined: nobody looks, nothing is cut
//
// Columns are three spaces apart and at least `narrowest` wide. Where all do not fit, the widest
// cells are cut until they do: a line that breaks cannot be read. What people type again is not
// cut.

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
  const usual = { widths: wide, gap: 3, narrowest };
  const layout = width === undefined ? usual : fit(usual, width, isKept);
  const lines = all.map(row => row.map((cell, index) => pad(cell, layout, index)).join(''));
  const [head = '', ...body] = lines;
  const title = width === undefined ? head : styleText('bold', head);
  return `${[title, ...body].join('\n')}\n`;
}

interface Layout {
  readonly widths: readonly number[];
  readonly gap: number;
  readonly narrowest: number;
}

function pad(cell: string, { widths, gap, narrowest }: Layout, index: number): string {
  const width = widths[index] ?? 0;
  const shown = cell.length > width ? `${cell.slice(0, width - 1)}…` : cell;
  const isLast = index === widths.length - 1;
  return isLast ? shown : shown.padEnd(Math.max(width + gap, narrowest));
}

/** Closer together where it does not fit else; where it never fits, as it would be read. */
function fit(usual: Layout, width: number, isKept: readonly boolean[]): Layout {
  const roomy = cut(usual, width, 7, isKept);
  if (total(roomy) <= width) return roomy;
  const close = cut({ ...usual, gap: 1, narrowest: 0 }, width, 4, isKept);
  return total(close) <= width ? close : roomy;
}

function total({ widths, gap, narrowest }: Layout): number {
  return widths.reduce(
    (sum, one, index) => sum + (index === widths.length - 1 ? one : Math.max(one + gap, narrowest)),
    0,
  );
}

/** The widest first, down to `least`. */
function cut(layout: Layout, width: number, least: number, isKept: readonly boolean[]): Layout {
  const widths = [...layout.widths];
  while (total({ ...layout, widths }) > width) {
    const most = Math.max(...widths.filter((_, index) => isKept[index] !== true));
    const widest = widths.findIndex((one, index) => one === most && isKept[index] !== true);
    const now = widths[widest] ?? 0;
    if (now <= least) break;
    widths[widest] = now - 1;
  }
  return { ...layout, widths };
}
