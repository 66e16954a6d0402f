// A list of things as the user wants to see it: a table, names alone, JSON, or a template.
//
// - `printList(context, { columns, rows, format })`
// - `labelsText(labels)`   `a=b,c=d`
//
// A column has a title and the field of a row that it shows; a template sees all fields.

import { styleText } from 'node:util';
import type { Context } from '../command.ts';
import { table } from './table.ts';
import { template } from './template/template.ts';
import { escaped } from './template/values.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface Listing {
  readonly columns: readonly (readonly [title: string, field: string])[];
  readonly rows: readonly Row[];
  readonly format?: string | undefined;
  /** The colour of a row, where a person looks. */
  readonly paint?: (row: Row) => 'green' | 'red' | 'gray';
  /** Titles of what stands in no column. */
  readonly titles?: Readonly<Record<string, string>>;
}

export function printList(context: Context, listing: Listing): void {
  const { rows, format = '' } = listing;
  const { out } = context;
  if (format === '' || format === 'table') return printTable(context, listing);
  if (format === 'json') {
    for (const row of rows) out.write(`${escaped(JSON.stringify(sorted(row)))}\n`);
    return;
  }
  const isTable = format.startsWith('table ');
  const { render } = template(isTable ? format.slice(6) : format);
  const lines = rows.map(row => render(sorted(row)));
  if (isTable) return printTemplateTable(context, listing, lines);
  for (const line of lines) out.write(`${line}\n`);
}

/** As `json` writes a map of Go's. */
function sorted(row: Row): Row {
  return Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function printTable({ out }: Context, { rows, columns, paint }: Listing): void {
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
}

/** The head is the template itself, shown the titles. */
function printTemplateTable(
  { out }: Context,
  { columns, format = '', titles = {} }: Listing,
  lines: readonly string[],
): void {
  const titled = Object.fromEntries(columns.map(([title, field]) => [field, title]));
  const fields = [...format.matchAll(/\.(\w+)/g)].map(([, field = '']) => field);
  const defaults = Object.fromEntries(fields.map(field => [field, field.toUpperCase()]));
  const label = { Label: (key: unknown) => String(key) };
  const { render } = template(format.slice(6));
  const head = render({ ...defaults, ...titled, ...titles, ...label }).split('\t');
  const rows = lines.map(line => line.split('\t'));
  out.write(table(head, rows, out.isTTY ? out.columns : undefined));
}

function cellOf(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

export function labelsText(labels: Readonly<Record<string, string>> | null | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
