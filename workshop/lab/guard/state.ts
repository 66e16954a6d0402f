/**
 * The guard's vocabulary: what a snapshot of the host is made of.
 *
 * - HostState     one snapshot: for each kind the objects by name, each with its value
 * - Difference    one object that appeared, vanished or changed
 * - Kind          how one kind of object is read, and how to tell whose a difference is
 *
 * Invariant: a HostState is plain data (JSON), so two of them can be taken by different processes,
 * before and after a crash, and still be compared.
 */
import type { LedgerContents } from '../ledger/journal.ts';
import type { ProcessFacts } from '../proc/processes.ts';

export type KindName =
  | 'mount'
  | 'link'
  | 'cgroup'
  | 'netns'
  | 'firewall'
  | 'loop'
  | 'device'
  | 'sysctl'
  | 'ipc'
  | 'process'
  | 'folder';

/** What holds an object: processes of ours, of others, both (`ours`), or none. */
export type Holder = 'ours' | 'others' | 'nobody';

export interface Fact {
  /** What must stay equal; empty where existing is all there is to it. */
  readonly value: string;
  readonly holder?: Holder;
}

export type Facts = Readonly<Record<string, Fact>>;

export interface HostState {
  readonly facts: Readonly<Record<KindName, Facts>>;
  /** Kinds that cannot be seen here, each with the reason. */
  readonly unseen: Readonly<Partial<Record<KindName, string>>>;
  /** `kind name` of what stands in the ledger: written by us, or by another living process. */
  readonly claims: Readonly<Record<string, 'ours' | 'others'>>;
}

export interface Difference {
  readonly kind: KindName;
  readonly name: string;
  readonly change: 'appeared' | 'vanished' | 'changed';
  readonly before?: string;
  readonly after?: string;
}

/** What every kind may look at while a snapshot is taken. */
export interface View {
  readonly processes: readonly ProcessFacts[];
  /** The pids of our leftover processes: descendants, and those that carry our mark. */
  readonly ours: ReadonlySet<number>;
  readonly ledger: LedgerContents;
}

export interface Kind {
  readonly name: KindName;
  /** A string instead of facts is the reason why they cannot be seen. */
  read(view: View): Facts | string | Promise<Facts | string>;
  /** Whether a difference is surely somebody else's doing; what nobody claims counts as ours. */
  foreign?(difference: Difference, before: Facts, after: Facts): boolean;
}

export function sentence({ kind, name, change, before, after }: Difference): string {
  const values = change === 'changed' ? `: ${before} → ${after}` : '';
  return `${kind} ${name} ${change}${values}`;
}
