// A database that is broken: what can still be read of it moves into a fresh one.
//
// - `repair(file, log)`: nothing if it is sound; else a fresh file, and the broken one beside it
// - `putAside(file, log)`: what stands there and is no file
// - `keepCopy(connection, file, log)`: a sound copy for the worst case, where there is room for it
//
//     slipway.db                       what the daemon uses
//     slipway.db.copy                  as it was when it was last opened, closed or left in peace
//     slipway.db.broken-<time>         what was found, for a person to look into
//
// SQLite refuses the whole file if a page of it is missing, or the first one is no header. So a
// copy is made whole first: filled up with zeros to the size that its header states, and if the
// header is gone, with the first page of the kept copy. Then rows are read by ranges of their
// number; a range that fails is halved, until only the rows on the broken page are missing. Of
// these the kept copy may have what they were a moment ago. A disk that is full is not damage: then
// nothing is touched.
// Source: sqlite.org/fileformat.html.

import {
  copyFileSync,
  existsSync,
  ftruncateSync,
  openSync,
  closeSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { diskFault } from '../../engine/disk-fault.ts';
import { isShortage, openConnection } from './connection.ts';

type Log = (message: string) => void;

/** @throws Error only if the disk takes nothing; then all is as it was */
export function repair(file: string, log: Log, now: () => Date = () => new Date()): void {
  const isEmpty = statSync(file).size === 0 && !existsSync(`${file}-wal`);
  const fault = isEmpty ? emptied(file) : faultOf(file);
  if (fault === undefined) return;
  const broken = brokenName(file, now);
  rmSync(`${file}-shm`, { force: true });
  rename(file, broken);
  try {
    replace(file, broken, fault, log);
  } catch (error) {
    rename(broken, file);
    throw error;
  }
}

/** A fresh root has nothing beside it; where there is something it had been written to. */
function emptied(file: string): string | undefined {
  const beside = [`${file}.copy`, join(dirname(file), 'containers')];
  return beside.some(path => existsSync(path)) ? 'nothing stands in it' : undefined;
}

/** What cannot be a database at all: a folder, a pipe. */
export function putAside(file: string, log: Log, now: () => Date = () => new Date()): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return;
  const broken = brokenName(file, now);
  renameSync(file, broken);
  log(`${file} is no file: it is kept as ${broken}`);
}

function brokenName(file: string, now: () => Date): string {
  const name = `${file}.broken-${now().toISOString().replaceAll(/[:.]/g, '-')}`;
  return existsSync(name) ? `${name}-again` : name;
}

function rename(from: string, to: string): void {
  for (const end of ['', '-wal']) {
    if (existsSync(`${from}${end}`)) renameSync(`${from}${end}`, `${to}${end}`);
  }
}

function replace(file: string, broken: string, fault: string, log: Log): void {
  log(`${file} is broken (${fault}): it is kept as ${broken}, and what can be read is taken over`);
  const fresh = `${file}.salvaged`;
  try {
    for (const source of sourcesFor(broken, file)) {
      rmSync(fresh, { force: true });
      if (!takeOver(source, fresh, log)) continue;
      renameSync(fresh, file);
      return;
    }
    log(`${broken}: nothing of it could be read; the daemon begins with an empty database`);
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) {
      rmSync(`${fresh}${end}`, { force: true });
      rmSync(`${file}.attempt${end}`, { force: true });
    }
  }
}

/** A transaction of one page at least, and a copy of a megabyte at most in a usual life. */
export function keepCopy(connection: DatabaseSync, file: string, log: Log): void {
  const copy = `${file}.copy`;
  try {
    connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    copyFileSync(file, `${copy}.new`);
    renameSync(`${copy}.new`, copy);
  } catch (error) {
    rmSync(`${copy}.new`, { force: true });
    log(`${file}: no copy was made: ${String(error)}`);
  }
}

/** @throws Error if it is the disk that does not let anybody look */
function faultOf(file: string): string | undefined {
  try {
    using connection = closing(openConnection(file));
    const rows = connection.database.prepare('PRAGMA integrity_check(1)').all();
    const said = String(rows[0]?.['integrity_check']);
    return said === 'ok' ? undefined : said;
  } catch (error) {
    if (isShortage(error)) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

interface Closing extends Disposable {
  readonly database: DatabaseSync;
}

function closing(database: DatabaseSync): Closing {
  return { database, [Symbol.dispose]: () => database.close() };
}

interface Source {
  readonly what: string;
  /** Puts it where it may be written to. */
  readonly prepare: (place: string) => void;
}

function sourcesFor(broken: string, file: string): readonly Source[] {
  const copy = `${file}.copy`;
  const withLog = (place: string): void => {
    copyFileSync(broken, place);
    if (existsSync(`${broken}-wal`)) copyFileSync(`${broken}-wal`, `${place}-wal`);
  };
  const own: Source = {
    what: broken,
    prepare: place => {
      withLog(place);
      fillUp(place);
    },
  };
  if (!existsSync(copy)) return [own];
  const headed: Source = {
    what: `${broken} under the header of ${copy}`,
    prepare: place => {
      withLog(place);
      takeHeader(copy, place);
      fillUp(place);
    },
  };
  const old: Source = { what: copy, prepare: place => copyFileSync(copy, place) };
  return [own, headed, old];
}

const headerBytes = 100;

/** SQLite refuses a file that is shorter than its header says. */
function fillUp(place: string): void {
  const file = openSync(place, 'r+');
  try {
    const header = Buffer.alloc(headerBytes);
    if (readSync(file, header, 0, headerBytes, 0) < headerBytes) return;
    const said = header.readUInt16BE(16);
    const page = said === 1 ? 65_536 : said;
    const size = page * header.readUInt32BE(28);
    if (statSync(place).size < size && size < 2 ** 34) ftruncateSync(file, size);
  } finally {
    closeSync(file);
  }
}

function takeHeader(copy: string, place: string): void {
  const from = openSync(copy, 'r');
  const to = openSync(place, 'r+');
  try {
    const page = Buffer.alloc(4096);
    const read = readSync(from, page, 0, page.length, 0);
    // The pages that were added since then count too.
    const pages = Math.max(page.readUInt32BE(28), Math.ceil(statSync(place).size / page.length));
    page.writeUInt32BE(pages, 28);
    writeSync(to, page, 0, read, 0);
  } finally {
    closeSync(from);
    closeSync(to);
  }
}

/** @returns whether anything could be read, or there was nothing to read */
function takeOver({ what, prepare }: Source, fresh: string, log: Log): boolean {
  const place = fresh.replace(/salvaged$/, 'attempt');
  try {
    prepare(place);
    using from = closing(new DatabaseSync(place));
    using to = closing(new DatabaseSync(fresh));
    const old = from.database;
    const tables = old
      .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL")
      .all();
    if (tables.length === 0) return false;
    const others = old
      .prepare("SELECT sql FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL")
      .all();
    const version = old.prepare('PRAGMA user_version').get()?.['user_version'];
    to.database.exec('PRAGMA foreign_keys = OFF; BEGIN');
    const lost = tables.map(({ name, sql }) => {
      to.database.exec(String(sql));
      return [String(name), copyRows(old, to.database, String(name))] as const;
    });
    for (const { sql } of others) to.database.exec(String(sql));
    to.database.exec(`PRAGMA user_version = ${Number(version)}; COMMIT`);
    const isWorthless = lost.every(([, { kept }]) => kept === 0);
    if (isWorthless && lost.some(([, { ranges }]) => ranges.length > 0)) return false;
    report(what, lost, log);
    fillGaps(fresh.replace(/salvaged$/, 'copy'), to.database, lost, log);
    dropLoose(to.database);
    return true;
  } catch (error) {
    if (isShortage(error) || diskFault(error) !== undefined) throw error;
    log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

function report(what: string, lost: readonly (readonly [string, Lost])[], log: Log): void {
  for (const [table, { kept, ranges, names }] of lost) {
    const gone = ranges.map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`));
    const named = names.length === 0 ? '' : ` (${names.join(', ')})`;
    const missing =
      gone.length === 0 ? 'all of it' : `but for what stood in rows ${gone.join(', ')}${named}`;
    log(`${what}: table ${table}: ${kept} rows taken over, ${missing}`);
  }
}

/** Rows have their number from their first day on, in the copy as well. */
function fillGaps(
  place: string,
  to: DatabaseSync,
  lost: readonly (readonly [string, Lost])[],
  log: Log,
): void {
  if (!existsSync(place) || lost.every(([, { ranges }]) => ranges.length === 0)) return;
  try {
    using copy = closing(new DatabaseSync(place, { readOnly: true }));
    for (const [table, { ranges }] of lost) {
      const rows = ranges.flatMap(range => readRange(copy.database, table, range) ?? []);
      const kept = rows.reduce((sum, row) => sum + insert(to, table, row), 0);
      if (kept > 0) log(`${place}: table ${table}: ${kept} of the missing rows, as they were`);
    }
  } catch (error) {
    log(`${place}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

interface Range {
  readonly from: number;
  readonly to: number;
}

interface Lost {
  readonly kept: number;
  readonly ranges: readonly Range[];
  /** The ids that only the index still knows. */
  readonly names: readonly string[];
}

/** Some dozens of broken pages; with more of them there is nothing to be found in between. */
const mostFailures = 2000;

function copyRows(from: DatabaseSync, to: DatabaseSync, table: string): Lost {
  let kept = 0;
  const ranges: Range[] = [];
  const waiting: Range[] = [{ from: 0, to: highest(from, table) }];
  let failures = 0;
  for (let range = waiting.pop(); range !== undefined; range = waiting.pop()) {
    const rows = readRange(from, table, range);
    failures += rows === undefined ? 1 : 0;
    if (rows !== undefined) {
      for (const row of rows) kept += insert(to, table, row);
    } else if (range.from === range.to || failures > mostFailures) {
      const before = ranges.at(-1);
      if (before?.to === range.from - 1)
        ranges.push({ from: ranges.pop()?.from ?? 0, to: range.to });
      else ranges.push(range);
    } else {
      const middle = Math.floor((range.from + range.to) / 2);
      waiting.push({ from: middle + 1, to: range.to }, { from: range.from, to: middle });
    }
  }
  return { kept, ranges, names: ranges.length === 0 ? [] : namesWithin(from, table, ranges) };
}

/** The index of the ids stands on other pages than the rows. */
function namesWithin(
  from: DatabaseSync,
  table: string,
  ranges: readonly Range[],
): readonly string[] {
  try {
    const indexed = from.prepare(`SELECT id, rowid AS number FROM "${table}" ORDER BY id`).all();
    return indexed
      .filter(({ number }) =>
        ranges.some(range => Number(number) >= range.from && Number(number) <= range.to),
      )
      .map(({ id }) => String(id));
  } catch {
    return [];
  }
}

/** Where the number of the last row cannot be read: more than a daemon will ever have. */
function highest(from: DatabaseSync, table: string): number {
  try {
    return Number(from.prepare(`SELECT max(rowid) AS last FROM "${table}"`).get()?.['last'] ?? 0);
  } catch {
    return 1 << 16;
  }
}

type SavedRow = Readonly<Record<string, SQLOutputValue>>;

function readRange(
  from: DatabaseSync,
  table: string,
  range: Range,
): readonly SavedRow[] | undefined {
  try {
    // `+` keeps it off the index, which may be what is broken.
    return from
      .prepare(`SELECT * FROM "${table}" NOT INDEXED WHERE rowid BETWEEN ? AND ? ORDER BY rowid`)
      .all(range.from, range.to);
  } catch {
    return undefined;
  }
}

function insert(to: DatabaseSync, table: string, row: SavedRow): number {
  const names = Object.keys(row);
  const columns = names.map(name => `"${name}"`).join(', ');
  const marks = names.map(() => '?').join(', ');
  // A page that was half overwritten may hold a row twice, or one without its id.
  const sql = `INSERT OR IGNORE INTO "${table}" (${columns}) VALUES (${marks})`;
  return Number(to.prepare(sql).run(...Object.values(row)).changes);
}

/** A name of what is gone is no name. */
function dropLoose(to: DatabaseSync): void {
  const known = to.prepare("SELECT name FROM sqlite_master WHERE name = 'edges'").get();
  if (known === undefined) return;
  to.exec(`DELETE FROM edges WHERE parent NOT IN (SELECT id FROM entities)
                              OR entity NOT IN (SELECT id FROM entities)`);
}
