// The daemon's memory: one SQLite file, of which every noun has a table.
//
// - `openDatabase({ file, log })`: made, brought up to date, and repaired where it is broken
// - `.transaction(fn)`: all of it or nothing; inside another one it is a part of that
// - `.table(name, schema)`: documents by their id (database/table.ts)
// - `.all(sql, …)`, `.get(sql, …)`, `.run(sql, …)`: for graphdb.ts, which needs more than documents
//
// What was committed survives the end of this process however it ends (write-ahead log); after a
// power cut the last moments may be missing, but never the half of a transaction. Everything here
// is synchronous: a state change costs some ten microseconds, less than a promise through a thread.
// A file of a newer slipway is refused; a broken one is salvaged (database/salvage.ts), for which a
// copy is kept in quiet moments.
// Sources: sqlite.org/wal.html, sqlite.org/pragma.html.

import { closeSync, fchmodSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { z } from 'zod';
import { failed, Refusal } from '../engine/refusal.ts';
import { isDisks, openConnection } from './database/connection.ts';
import { keepCopy, putAside, repair } from './database/salvage.ts';
import { bringUpToDate } from './database/schema.ts';
import { openTable, type Row, type Statements, type Table } from './database/table.ts';

/** Without a change for so long: a copy costs nobody anything. */
const quietMs = 2000;

export interface DatabaseOptions {
  readonly file: string;
  /** Is told, once and by name, what could not be read. */
  readonly log?: (message: string) => void;
}

export interface Database extends Statements, Disposable {
  /** False as long as a broken one lies beside it: something may be missing in this one. */
  readonly isWhole: boolean;
  transaction<T>(fn: () => T): T;
  /** The documents of a noun: `containers`, `networks`. The table is made if it is not there. */
  table<T>(name: string, schema: z.ZodType<T>): Table<T>;
}

/** @throws Refusal if the disk takes nothing at all, Error if a newer slipway has written it */
export function openDatabase({ file, log = () => undefined }: DatabaseOptions): Database {
  mkdirSync(dirname(file), { recursive: true, mode: 0o710 });
  putAside(file, log);
  // SQLite gives its other two files the mode of this one.
  const made = openSync(file, 'a', 0o600);
  fchmodSync(made, 0o600);
  closeSync(made);
  try {
    repair(file, log);
    return new OpenDatabase(file, connect(file, log), log);
  } catch (error) {
    throw explained(error, file);
  }
}

function connect(file: string, log: (message: string) => void): DatabaseSync {
  const connection = openConnection(file);
  try {
    connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    connection.exec('PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF');
    bringUpToDate(connection, file);
    keepCopy(connection, file, log);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

class OpenDatabase implements Database {
  readonly file: string;
  readonly #connection: DatabaseSync;
  readonly #log: (message: string) => void;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;
  #copying: NodeJS.Timeout | undefined;
  #changedMs = 0;

  constructor(file: string, connection: DatabaseSync, log: (message: string) => void) {
    this.file = file;
    this.#connection = connection;
    this.#log = log;
  }

  get isWhole(): boolean {
    const broken = `${basename(this.file)}.broken-`;
    return !readdirSync(dirname(this.file)).some(name => name.startsWith(broken));
  }

  #copySoon(): void {
    this.#changedMs = performance.now();
    this.#copying ??= setTimeout(() => this.#copy(), quietMs).unref();
  }

  #copy(): void {
    this.#copying = undefined;
    if (!this.#connection.isOpen) return;
    const sinceMs = performance.now() - this.#changedMs;
    if (sinceMs < quietMs) {
      this.#copying = setTimeout(() => this.#copy(), quietMs - sinceMs).unref();
      return;
    }
    keepCopy(this.#connection, this.file, this.#log);
  }

  transaction<T>(fn: () => T): T {
    if (this.#depth > 0) return fn();
    this.#connection.exec('BEGIN IMMEDIATE');
    this.#depth += 1;
    try {
      const result = fn();
      this.#connection.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk may have rolled it back already.
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK');
      throw explained(error, this.file);
    } finally {
      this.#depth -= 1;
    }
  }

  table<T>(name: string, schema: z.ZodType<T>): Table<T> {
    return openTable({ database: this, name, schema, log: this.#log });
  }

  all(sql: string, ...values: readonly SQLInputValue[]): readonly Row[] {
    return this.#prepared(sql).all(...values);
  }

  get(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(...values);
  }

  run(sql: string, ...values: readonly SQLInputValue[]): number {
    this.#copySoon();
    try {
      return Number(this.#prepared(sql).run(...values).changes);
    } catch (error) {
      throw explained(error, this.file);
    }
  }

  [Symbol.dispose](): void {
    if (!this.#connection.isOpen) return;
    clearTimeout(this.#copying);
    this.#statements.clear();
    keepCopy(this.#connection, this.file, this.#log);
    this.#connection.close();
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#connection.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

/** A disk that is full is nobody's fault, and has a name that people know. */
function explained(error: unknown, file: string): unknown {
  if (error instanceof Refusal || !isDisks(error)) return error;
  const isFull = error instanceof Error && 'errcode' in error && error.errcode === 13;
  const why = isFull ? 'no space left on device' : 'input/output error';
  return failed(`write ${file}: ${why}`, { cause: error });
}
