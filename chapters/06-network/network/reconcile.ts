// What dead owners left behind, taken away by whoever comes next.
//
// - `reconcile(host, page, lives)`: strikes out leases that nobody lives for, and what
//   they had in the firewall; → what was done, in words
// - `ownerLives(lease)`, `showOwner(owner)`
//
// A container that is killed takes its processes, its namespace and its cable along.
// What cannot hang on a process is explained by the book or it goes: a lease without a
// living owner, and an element of a map that no lease accounts for.

import { existsSync } from 'node:fs';
import { isRunning } from '@slipway/lab/proc/processes.ts';
import {
  listPublished,
  showPublished,
  unpublish,
  type Published,
} from '../firewall/elements.ts';
import { hasTable } from '../firewall/load.ts';
import { formatIp } from '../ipam/address.ts';
import type { Lease, Owner, Page } from '../ipam/lease-book.ts';
import type { NetworkHost } from './host.ts';

/** Of its containers an engine knows itself; one without its data knows nothing. */
export function ownerLives({ owner }: Pick<Lease, 'owner'>): boolean {
  return 'engine' in owner ? existsSync(owner.engine) : isRunning(owner);
}

export function showOwner(owner: Owner): string {
  return 'engine' in owner ? `the engine of ${owner.engine}` : `process ${owner.pid}`;
}

/** One line for each thing that was taken away. */
export function reconcile(
  host: Pick<NetworkHost, 'firewall'> & Partial<Pick<NetworkHost, 'self'>>,
  page: Page,
  lives: (lease: Lease) => boolean = ownerLives,
): readonly string[] {
  // Of one that owns many it is asked once, and of ourselves not at all.
  const known = new Map(host.self ? [[ownerKey(host.self), true]] : []);
  const isAlive = (lease: Lease): boolean => {
    if (lives !== ownerLives) return lives(lease);
    const key = ownerKey(lease.owner);
    const alive = known.get(key) ?? lives(lease);
    known.set(key, alive);
    return alive;
  };
  const orphans = page.leases().filter(lease => !isAlive(lease));
  if (orphans.length === 0) return [];
  for (const lease of orphans) page.removeLease(lease);
  const removed = removeUnexplained(host, page.leases());
  return [
    ...orphans.map(
      ({ container, ip, owner }) =>
        `${formatIp(ip)} of ${container}: its owner, ${showOwner(owner)}, is gone`,
    ),
    ...removed.map(port => `${showPublished(port)}: nobody accounts for it`),
  ];
}

function ownerKey(owner: Owner): string {
  return 'engine' in owner ? owner.engine : `${owner.pid} ${owner.started}`;
}

/** Elements of the maps that no lease accounts for. */
function removeUnexplained(
  host: Pick<NetworkHost, 'firewall'>,
  leases: readonly Lease[],
): readonly Published[] {
  if (!hasTable(host.firewall)) return [];
  const explained = new Set(leases.flatMap(({ ports }) => ports).map(showPublished));
  const unexplained = listPublished(host.firewall).filter(
    port => !explained.has(showPublished(port)),
  );
  unpublish(host.firewall, unexplained);
  return unexplained;
}
