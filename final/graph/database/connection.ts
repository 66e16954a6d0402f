// A connection to the file, also where the disk takes no more.
//
// - `openConnection(file)`: a database, whose index of the write-ahead log is in memory if need be
// - `isShortage(error)`: it is the disk that refuses, and nothing in the file is wrong
// - `isDisks(error)`: the same, or what could not be read
//
// A reader of a log needs its index, and that is a file that has to be made. Where there is no room
// for one SQLite keeps it in memory as soon as nobody else may open the file; the daemon has its
// root to itself anyway, but a person who looks into it then is told that it is locked.
// Source: sqlite.org/wal.html, "Use of WAL Without Shared-Memory"; sqlite.org/rescode.html.

import { DatabaseSync } from 'node:sqlite';

export function openConnection(file: string): DatabaseSync {
  const connection = opened(file);
  try {
    look(connection);
    return connection;
  } catch (error) {
    connection.close();
    if (!isShortage(error)) throw error;
  }
  const alone = opened(file);
  try {
    alone.exec('PRAGMA locking_mode = EXCLUSIVE');
    look(alone);
    return alone;
  } catch (error) {
    alone.close();
    throw error;
  }
}

function opened(file: string): DatabaseSync {
  return new DatabaseSync(file, { timeout: 5000 });
}

/** The first look is what opens the log. */
function look(connection: DatabaseSync): void {
  connection.prepare('SELECT count(*) FROM sqlite_master').get();
}

/** SQLITE_READONLY, SQLITE_FULL, SQLITE_CANTOPEN. */
const shortages = new Set([8, 13, 14]);

/** SQLITE_IOERR of a write, of a sync, of a truncation, and of the index; not of a read. */
const ofWriting = new Set([3, 4, 5, 6, 18, 19, 20, 21].map(detail => 10 | (detail << 8)));

export function isShortage(error: unknown): boolean {
  const code = codeOf(error);
  return shortages.has(code & 0xff) || ofWriting.has(code);
}

export function isDisks(error: unknown): boolean {
  return isShortage(error) || (codeOf(error) & 0xff) === 10;
}

function codeOf(error: unknown): number {
  const isOurs = error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
  return isOurs ? Number(error.errcode) : 0;
}
