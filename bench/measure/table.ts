/**
 * The bench's result as text, for a README: one block a scenario, one line a contestant.
 *
 * - renderTable(results)  the lines
 *
 * Milliseconds; the last column says how many times the floor's median each median is.
 */
import type { Summary } from './statistics.ts';

export interface Result {
  readonly title: string;
  /** The first is the floor. */
  readonly rows: readonly { readonly name: string; readonly summary: Summary }[];
}

const nameWidth = 44;
const columns = ['min', 'median', 'max', '× floor'];

export function renderTable(results: readonly Result[]): readonly string[] {
  const heading = line('milliseconds', columns);
  const rule = '-'.repeat(heading.length);
  return [heading, rule, ...results.flatMap(block)];
}

function block(result: Result, index: number): readonly string[] {
  const floor = result.rows[0]?.summary.median ?? Number.NaN;
  const rows = result.rows.map(({ name, summary }) => {
    const times = [summary.minimum, summary.median, summary.maximum];
    const ratio = (summary.median / floor).toFixed(2);
    return line(`  ${name}`, [...times.map(milliseconds), ratio]);
  });
  return [...(index === 0 ? [] : ['']), result.title, ...rows];
}

function line(name: string, cells: readonly string[]): string {
  return name.padEnd(nameWidth) + cells.map(cell => cell.padStart(9)).join('');
}

function milliseconds(nanoseconds: number): string {
  return (nanoseconds / 1e6).toFixed(3);
}
