/**
 * The ledger's paper: an append-only file that says what exists on the host because of us.
 *
 * - record(thing)    writes the line *before* the thing is made; → its id
 * - settle(id)       writes that it is gone again
 * - readLedger()     the open entries (and the settled ones, and lines that cannot be read)
 *
 * On disk, one JSON object a line, in $SLIPWAY_STATE/ledger.jsonl or
 * /var/tmp/slipway-<uid>/ledger.jsonl (a folder that survives a reboot and is ours alone):
 *     {"id":"…","kind":"mount","target":"/tmp/x","owner":{"pid":7,"started":99},"time":"…"}
 *     {"settled":"…","time":"…"}
 *
 * Invariant: a line is one write(2) on an O_APPEND descriptor, so the lines of several processes
 * never mix, and after `kill -9` at most the last line is cut short: the thing it announces was
 * not made yet.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { selfIdentity, type ProcessIdentity } from '../proc/processes.ts';
import { describe, refusal, type Thing } from './things.ts';

export interface Entry {
  readonly id: string;
  readonly thing: Thing;
  readonly owner: ProcessIdentity;
  readonly time: string;
}

export interface LedgerContents {
  /** Recorded and not settled, oldest first. */
  readonly open: readonly Entry[];
  readonly settled: readonly Entry[];
  /** Lines that are no entry, each as `file:line: why`. */
  readonly unreadable: readonly string[];
}

export function ledgerPath(env: NodeJS.ProcessEnv = process.env): string {
  const state = env.SLIPWAY_STATE ?? `/var/tmp/slipway-${process.getuid?.() ?? 0}`;
  return join(state, 'ledger.jsonl');
}

/**
 * The entry's id, for settle(). The line is on disk when this returns.
 * @throws when the thing exists already: then it is not ours to undo.
 */
export function record(thing: Thing, path = ledgerPath()): string {
  const why = refusal(thing);
  if (why !== undefined) throw new Error(`the ledger refuses ${describe(thing)}: ${why}`);
  const id = randomUUID();
  const entry: Entry = { id, thing, owner: selfIdentity(), time: new Date().toISOString() };
  append(entry, path);
  return id;
}

export function settle(id: string, path = ledgerPath()): void {
  append({ settled: id, time: new Date().toISOString() }, path);
}

function append(line: object, path: string): void {
  openFolder(dirname(path));
  const descriptor = openSync(path, 'a+', 0o600);
  try {
    // A last line that a killed process cut short has no newline: close it first, in the same
    // write.
    const gap = endsMidLine(descriptor) ? '\n' : '';
    writeSync(descriptor, `${gap}${JSON.stringify(line)}\n`);
  } finally {
    closeSync(descriptor);
  }
}

/** Who can write into the ledger decides what root deletes: the folder must be ours alone. */
function openFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  const own = uid === process.geteuid?.() && (mode & 0o022) === 0 && (mode & 0o170000) === 0o040000;
  if (!own)
    throw new Error(
      `${folder} is not a folder that only this user can write: ` +
        'remove it, or set SLIPWAY_STATE to one that is',
    );
}

function endsMidLine(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  const last = Buffer.alloc(1);
  return readSync(descriptor, last, 0, 1, Math.max(0, size - 1)) === 1 && last[0] !== 0x0a;
}

export function readLedger(path = ledgerPath()): LedgerContents {
  const entries = new Map<string, Entry>();
  const settled = new Set<string>();
  const unreadable: string[] = [];
  for (const file of ledgerFiles(path)) {
    for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
      if (line === '') continue;
      const parsed = parseLine(line);
      if (parsed === undefined) unreadable.push(`${file}:${index + 1}: not an entry, cut short?`);
      else if ('settled' in parsed) settled.add(parsed.settled);
      else entries.set(parsed.id, parsed);
    }
  }
  const all = [...entries.values()];
  return {
    open: all.filter(entry => !settled.has(entry.id)),
    settled: all.filter(entry => settled.has(entry.id)),
    unreadable,
  };
}

function parseLine(line: string): Entry | { readonly settled: string } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    if ('settled' in value && typeof value.settled === 'string') return { settled: value.settled };
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: object): value is Entry {
  const { id, thing, owner } = value as Partial<Entry>;
  return (
    typeof id === 'string' &&
    typeof thing?.kind === 'string' &&
    typeof thing.target === 'string' &&
    typeof owner?.pid === 'number' &&
    typeof owner.started === 'number'
  );
}

/** The rotated files first, then the one that is written to. */
function ledgerFiles(path: string): string[] {
  const folder = dirname(path);
  if (!existsSync(folder)) return [];
  const rotated = readdirSync(folder).filter(name => /^ledger-\d+\.jsonl$/.test(name));
  return [...rotated.toSorted().map(name => join(folder, name)), path].filter(existsSync);
}

/**
 * Sets a grown ledger aside, and drops those set aside earlier when nothing is open any more.
 * A writer that had the file open across the rename still writes into a file that is read, and that
 * is dropped one round later at the earliest: no line is lost, and nobody has to hold a lock.
 */
export function rotate(path = ledgerPath(), limitBytes = 1 << 20): void {
  if (!existsSync(path) || readLedger(path).open.length > 0) return;
  for (const file of ledgerFiles(path)) if (file !== path) rmSync(file);
  if (statSync(path).size > limitBytes)
    renameSync(path, join(dirname(path), `ledger-${Date.now()}.jsonl`));
}
