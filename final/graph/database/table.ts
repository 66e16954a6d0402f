// The documents of one noun, by their id.
//
// - `Table<T>`: `get`, `put`, `remove`, `all`, `ids`, `has`
// - `Statements`: what a table needs of the database
//
//     CREATE TABLE <noun> (id TEXT PRIMARY KEY, value TEXT NOT NULL)     value is JSON
//
// A document that does not fit its schema is told to the log by its id and left out, but stays in
// the file: a person may still want to read it.

import type { SQLInputValue } from 'node:sqlite';
import type { z } from 'zod';

export type Row = Readonly<Record<string, unknown>>;

export interface Statements {
  readonly file: string;
  all(sql: string, ...values: readonly SQLInputValue[]): readonly Row[];
  get(sql: string, ...values: readonly SQLInputValue[]): Row | undefined;
  /** @returns how many rows have changed */
  run(sql: string, ...values: readonly SQLInputValue[]): number;
}

export interface Table<T> {
  get(id: string): T | undefined;
  /** In its place if there is one of that id. */
  put(id: string, value: T): void;
  /** @returns whether there was one */
  remove(id: string): boolean;
  has(id: string): boolean;
  /** In the order in which they were put there first. */
  all(): readonly (readonly [id: string, value: T])[];
  ids(): readonly string[];
}

export interface TableOptions<T> {
  readonly database: Statements;
  readonly name: string;
  readonly schema: z.ZodType<T>;
  readonly log: (message: string) => void;
}

/** @throws Error if the name is none: it becomes part of a statement */
export function openTable<T>({ database, name, schema, log }: TableOptions<T>): Table<T> {
  if (!/^[a-z][a-z_]{0,40}$/.test(name)) throw new Error(`${name} is no name of a table`);
  database.run(
    `CREATE TABLE IF NOT EXISTS "${name}" (id TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)`,
  );
  const read = (id: unknown, text: unknown): T | undefined => {
    const result = schema.safeParse(parsed(String(text)));
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    const where = issue === undefined ? '' : `${issue.path.join('.')}: ${issue.message}`;
    log(`${database.file}: ${name} ${String(id)} cannot be read and is left out: ${where}`);
    return undefined;
  };
  return {
    get: id => {
      const row = database.get(`SELECT value FROM "${name}" WHERE id = ?`, id);
      return row === undefined ? undefined : read(id, row['value']);
    },
    put: (id, value) => {
      database.run(
        `INSERT INTO "${name}" (id, value) VALUES (?, ?)
         ON CONFLICT (id) DO UPDATE SET value = excluded.value`,
        id,
        JSON.stringify(value),
      );
    },
    remove: id => database.run(`DELETE FROM "${name}" WHERE id = ?`, id) > 0,
    has: id => database.get(`SELECT 1 FROM "${name}" WHERE id = ?`, id) !== undefined,
    all: () =>
      database.all(`SELECT id, value FROM "${name}" ORDER BY rowid`).flatMap(row => {
        const value = read(row['id'], row['value']);
        return value === undefined ? [] : [[String(row['id']), value] as const];
      }),
    ids: () =>
      database.all(`SELECT id FROM "${name}" ORDER BY rowid`).map(row => String(row['id'])),
  };
}

/** What is no JSON fits no schema either. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
