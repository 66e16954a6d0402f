/**
 * The host guard: is the machine as it was before?
 *
 * - snapshot()                      the host now, as plain data
 * - differences(before, after)      what appeared, vanished or changed, and is ours
 * - changesSince(before, options)   the same against the host now, asked again until things have
 *                                   settled
 * - underGuard(body)                runs body between two snapshots; → its result and the
 *                                   differences
 * - sentence(difference)            as a person reads it: `mount /tmp/x appeared`
 *
 * It looks at mounts, links, control groups, network namespaces, firewall rules, loop devices,
 * /dev, sysctls, IPC objects, processes and temporary folders: one file of guard/ each.
 *
 * Whose is a difference? A host is never still: its managers come and go. In this order:
 *   1. the ledger says: recorded by us → ours, by another living process → theirs;
 *   2. the kind says, by what holds the object or by where it lies (see each file of guard/);
 *   3. else it is ours. So the guard may err towards blaming us, not towards being blind.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readLedger, type Entry } from './ledger/journal.ts';
import { isRunning, listProcesses } from './proc/processes.ts';
import { cgroups } from './guard/cgroups.ts';
import { firewall } from './guard/firewall.ts';
import { devices } from './guard/devices.ts';
import { folders } from './guard/folders.ts';
import { ipc } from './guard/ipc.ts';
import { links } from './guard/links.ts';
import { loops } from './guard/loops.ts';
import { mounts } from './guard/mounts.ts';
import { netns } from './guard/netns.ts';
import { ownProcesses, processes } from './guard/processes.ts';
import { sysctls } from './guard/sysctls.ts';
import type { Difference, Facts, HostState, Kind, KindName, View } from './guard/state.ts';

export { sentence } from './guard/state.ts';
export { guardMark } from './guard/processes.ts';
export type { Difference, HostState, KindName } from './guard/state.ts';

const kinds: readonly Kind[] = [
  mounts,
  links,
  cgroups,
  netns,
  firewall,
  loops,
  devices,
  sysctls,
  ipc,
  processes,
  folders,
];

export async function snapshot(): Promise<HostState> {
  // The tool that lists the firewall is a process of ours: it must have ended before we count
  // those.
  const rules = await firewall.read({ processes: [], ours: new Set(), ledger: emptyLedger });
  const all = listProcesses();
  const view: View = { processes: all, ours: ownProcesses(all), ledger: readLedger() };
  const facts: Partial<Record<KindName, Facts>> = {};
  const unseen: Partial<Record<KindName, string>> = {};
  for (const kind of kinds) {
    const seen = kind === firewall ? rules : await kind.read(view);
    if (typeof seen === 'string') unseen[kind.name] = seen;
    facts[kind.name] = typeof seen === 'string' ? {} : seen;
  }
  return { facts: facts as Record<KindName, Facts>, unseen, claims: claimsOf(view) };
}

const emptyLedger = { open: [], settled: [], unreadable: [] };

/** Settled entries count too: what another process made and undid meanwhile is its own. */
function claimsOf({ ledger, ours }: View): HostState['claims'] {
  const claims: Record<string, 'ours' | 'others'> = {};
  for (const entry of [...ledger.settled, ...ledger.open]) {
    const mine = entry.owner.pid === process.pid || ours.has(entry.owner.pid);
    if (mine || isRunning(entry.owner)) claims[claimKey(entry)] = mine ? 'ours' : 'others';
  }
  return claims;
}

function claimKey({ thing }: Entry): string {
  const kind = thing.kind === 'directory' ? 'folder' : thing.kind;
  return `${kind === 'nft-table' ? 'firewall' : kind} ${thing.target}`;
}

export function differences(before: HostState, after: HostState): Difference[] {
  return kinds.flatMap(kind => {
    if (before.unseen[kind.name] !== undefined || after.unseen[kind.name] !== undefined) return [];
    const [old, now] = [before.facts[kind.name], after.facts[kind.name]];
    return compare(kind.name, old, now).filter(difference => {
      const claim = claimOn(difference, after) ?? claimOn(difference, before);
      if (claim !== undefined) return claim === 'ours';
      return kind.foreign?.(difference, old, now) !== true;
    });
  });
}

function compare(kind: KindName, before: Facts, after: Facts): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names.flatMap((name): Difference[] => {
    const [old, now] = [before[name]?.value, after[name]?.value];
    if (old === now) return [];
    if (now === undefined) return [{ kind, name, change: 'vanished', before: old ?? '' }];
    if (old === undefined) return [{ kind, name, change: 'appeared', after: now }];
    return [{ kind, name, change: 'changed', before: old, after: now }];
  });
}

/** What lies in a claimed folder, group or table is claimed with it. */
function claimOn({ kind, name }: Difference, { claims }: HostState): 'ours' | 'others' | undefined {
  if (kind === 'firewall') {
    const table = /^\w+ (\w+ \S+)/.exec(name)?.[1];
    return claims[`firewall ${table}`];
  }
  for (let path = name; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
    const claim = claims[`${kind} ${path}`];
    if (claim !== undefined) return claim;
  }
  return undefined;
}

export interface Patience {
  /** How long the host may take to come to rest; 0 looks once. */
  readonly patienceMs?: number;
}

/** A link dies a moment after its namespace, a group is busy a moment after its last process. */
export async function changesSince(
  before: HostState,
  { patienceMs = 2000 }: Patience = {},
): Promise<Difference[]> {
  const deadline = performance.now() + patienceMs;
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 200)) {
    const found = differences(before, await snapshot());
    if (found.length === 0 || performance.now() >= deadline) return found;
    await sleep(pauseMs);
  }
}

export interface Guarded<T> {
  readonly result: T;
  readonly differences: readonly Difference[];
}

/** When body throws, its error comes first; what it leaked is added to the message. */
export async function underGuard<T>(
  body: () => Promise<T>,
  patience: Patience = {},
): Promise<Guarded<T>> {
  const before = await snapshot();
  try {
    const result = await body();
    return { result, differences: await changesSince(before, patience) };
  } catch (cause) {
    const left = await changesSince(before, patience);
    if (left.length > 0 && cause instanceof Error)
      cause.message += `\nand the host was left changed: ${left.map(nameOf).join(', ')}`;
    throw cause;
  }
}

function nameOf({ kind, name }: Difference): string {
  return `${kind} ${name}`;
}
