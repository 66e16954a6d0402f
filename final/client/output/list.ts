// A list of things as the user wants to see it: a table, names alone, JSON, or a template.
//
// - `printList(context, { columns, rows, format })`
//
// A column has a title and the field of a row that it shows; a template sees all fields.

import { styleText } from 'node:util';
import type { Context } from '../command.ts';
import { table } from './table.ts';
import { template } from './template.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface Listing {
  readonly columns: readonly (readonly [title: string, field: string])[];
  readonly rows: readonly Row[];
  readonly format?: string | undefined;
  /** The colour of a row, where a person looks. */
  readonly paint?: (row: Row) => 'green' | 'red' | 'gray';
}

export function printList({ out }: Context, { columns, rows, format, paint }: Listing): void {
  if (format === undefined || format === 'table') {
    const cells = rows.map(row => columns.map(([, field]) => cellOf(row[field])));
    const titles = columns.map(([title]) => title);
    const lines = table(titles, cells, out.isTTY ? out.columns : undefined).split('\n');
    const shown = lines.map((line, index) => {
      const row = rows[index - 1];
      return out.isTTY && paint !== undefined && row !== undefined
        ? styleText(paint(row), line)
        : line;
    });
    out.write(shown.join('\n'));
    return;
  }
  if (format === 'json') {
    for (const row of rows) out.write(`${JSON.stringify(row)}\n`);
    return;
  }
  const isTable = format.startsWith('table ');
  const { render } = template(isTable ? format.slice(6) : format);
  const lines = rows.map(row => render(row));
  if (!isTable) {
    for (const line of lines) out.write(`${line}\n`);
    return;
  }
  const titled = Object.fromEntries(columns.map(([title, field]) => [field, title]));
  const fields = [...format.matchAll(/\.(\w+)/g)].map(([, field = '']) => field);
  const defaults = Object.fromEntries(fields.map(field => [field, field.toUpperCase()]));
  const head = render({ ...defaults, ...titled }).split('\t');
  out.write(
    table(
      head,
      lines.map(line => line.split('\t')),
      out.isTTY ? out.columns : undefined,
    ),
  );
}

function cellOf(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}
