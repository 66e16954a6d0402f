/**
 * The ledger: what stands on the host for a while is written down first, so that it can be undone
 * by somebody else, later, after `kill -9`.
 *
 * - record(thing) / settle(id)    before it is made / after it is gone  (ledger/journal.ts)
 * - undoAll(options)              undoes, newest first, what dead owners left behind
 *
 * Life of an entry:  record → make → use → undo → settle.  The owner does the last two itself;
 * when it dies, `npm run clean` does. An entry that was recorded but never made is undone as
 * "absent".
 *
 * Invariants: undoAll can be repeated, does nothing beyond the recorded targets, and an entry that
 * could not be undone stays open and is reported. What a living owner holds is left alone unless
 * asked for.
 */
import { isRunning, type ProcessIdentity } from './proc/processes.ts';
import { ledgerPath, readLedger, rotate, settle, type Entry } from './ledger/journal.ts';
import { describe } from './ledger/things.ts';
import { exists, undo } from './ledger/undo.ts';

export { ledgerPath, readLedger, record, settle } from './ledger/journal.ts';
export type { Entry } from './ledger/journal.ts';
export { mountThing, netnsThing, sysctlThing, type Thing } from './ledger/things.ts';

export interface UndoOptions {
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean;
  /** Also what living owners hold. */
  readonly all?: boolean;
  /** Only what this owner recorded, dead or alive. */
  readonly owner?: ProcessIdentity;
  /** Called with one line for each entry. */
  readonly report?: (line: string) => void;
  readonly path?: string;
}

export interface UndoSummary {
  readonly undone: number;
  /** Entries that need not or could not be undone: never made, or gone already. */
  readonly absent: number;
  /** Left alone because their owner lives. */
  readonly kept: number;
  readonly failures: readonly string[];
  readonly unreadable: readonly string[];
}

export async function undoAll(options: UndoOptions = {}): Promise<UndoSummary> {
  const { dryRun = false, report = () => {}, path = ledgerPath() } = options;
  const { unreadable } = readLedger(path);
  for (const where of unreadable) report(`unreadable  ${where}`);
  const count = { undone: 0, absent: 0 };
  const failures: string[] = [];
  const dealtWith = new Set<string>();
  const left = (): readonly Entry[] => readLedger(path).open.filter(({ id }) => !dealtWith.has(id));
  // Undoing a process may end the owner of other entries, and until then it writes more of them.
  for (;;) {
    const due = left()
      .filter(entry => isDue(entry, options))
      .toReversed();
    if (due.length === 0) break;
    for (const entry of due) {
      dealtWith.add(entry.id);
      const { word, counts, failure } = await dealWith(entry, options);
      if (failure !== undefined) failures.push(`${describe(entry.thing)}: ${failure}`);
      if (counts !== undefined) count[counts] += 1;
      report(`${word.padEnd(11)} ${named(entry)}${failure === undefined ? '' : `: ${failure}`}`);
    }
  }
  const waiting = left();
  for (const entry of options.owner === undefined ? waiting : [])
    report(`kept        ${named(entry)} (its owner is running)`);
  if (!dryRun) rotate(path);
  return { ...count, kept: waiting.length, failures, unreadable };
}

interface Dealt {
  readonly word: string;
  readonly counts?: 'undone' | 'absent';
  readonly failure?: string;
}

async function dealWith(entry: Entry, options: UndoOptions): Promise<Dealt> {
  try {
    if (options.dryRun === true)
      return exists(entry.thing)
        ? { word: 'would undo', counts: 'undone' }
        : { word: 'absent', counts: 'absent' };
    const result = await undo(entry.thing);
    settle(entry.id, options.path);
    return result === 'done'
      ? { word: 'undone', counts: 'undone' }
      : { word: 'absent', counts: 'absent' };
  } catch (cause) {
    return { word: 'failed', failure: reasonOf(cause) };
  }
}

function isDue({ owner }: Entry, { all = false, owner: only }: UndoOptions): boolean {
  if (only !== undefined) return owner.pid === only.pid && owner.started === only.started;
  return all || !isRunning(owner);
}

function named({ thing, owner, time }: Entry): string {
  return `${describe(thing)} (process ${owner.pid}, ${time})`;
}

/** A tool's own complaint says more than "command failed". */
function reasonOf(cause: unknown): string {
  if (cause instanceof Error && 'stderr' in cause && String(cause.stderr).trim() !== '')
    return String(cause.stderr).trim();
  return cause instanceof Error ? cause.message : String(cause);
}
