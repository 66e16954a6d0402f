/**
 * One line of the table: what was measured, what was promised, and what stands beside it.
 *
 * - Row; renderRows(rows)  the lines
 *
 * A figure is the median of its rounds; all of them are told, for a median hides the spread.
 */
import { summarize } from '../../measure/statistics.ts';

export interface Row {
  readonly name: string;
  readonly unit: 's' | 'MB/s' | '/s' | 'MB' | 'ms';
  readonly figures: readonly number[];
  /** At most so much, or for a speed at least; undefined for what is only compared with. */
  readonly budget: number | undefined;
}

export function renderRows(rows: readonly Row[]): readonly string[] {
  const heading = ['', 'median', 'budget', '', '(all)'];
  return [line(heading), ...rows.map(cells).map(line)];
}

function cells({ name, unit, figures, budget }: Row): readonly string[] {
  const { median } = summarize(figures);
  const digits = digitsOf[unit];
  const shown = `${median.toFixed(digits)} ${unit}`;
  const all = `(${figures.map(figure => figure.toFixed(digits)).join(' ')})`;
  if (budget === undefined) return [`  ${name}`, shown, '', '', all];
  const isSpeed = unit.endsWith('/s');
  const isMet = isSpeed ? median >= budget : median <= budget;
  return [name, shown, `${isSpeed ? '≥' : '≤'} ${budget}`, isMet ? 'met' : 'MISSED', all];
}

const digitsOf = { s: 3, 'MB/s': 0, '/s': 0, MB: 2, ms: 1 } as const;

function line([name = '', median = '', budget = '', verdict = '', all = '']: readonly string[]) {
  const figures = `${median.padStart(12)}${budget.padStart(9)}`;
  return `${name.padEnd(46)}${figures}  ${verdict.padEnd(8)}${all}`;
}
