// Made from ../../network/reconcile.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// What dead owners left behind, taken away by whoever comes next.
//
// - `reconcile(host, page)`: strikes out leases whose owner has died, and what they
//   had in the firewall; → what was done, in words
//
// A container that is killed takes its processes, its namespace and its cable along.
// What cannot hang on a process is explained by the book or it goes: a lease without a
// living owner, and an element of a map that no lease accounts for.

import { isRunning, type ProcessIdentity } from '@slipway/lab/proc/processes.ts';
import {
  listPublished,
  showPublished,
  unpublish,
  type Published,
} from '../firewall/elements.ts';
import { hasTable } from '../firewall/load.ts';
import { formatIp } from '../ipam/address.ts';
import type { Lease, Page } from '../ipam/lease-book.ts';
import type { NetworkHost } from './host.ts';

/** One line for each thing that was taken away. */
export function reconcile(host: NetworkHost, page: Page): readonly string[] {
  // Of one that owns many it is asked once, and of ourselves not at all.
  const alive = new Set([ownerKey(host.self)]);
  const dead = new Set<string>();
  const orphans = page.leases().filter(({ owner }) => {
    const key = ownerKey(owner);
    if (!alive.has(key) && !dead.has(key)) (isRunning(owner) ? alive : dead).add(key);
    return dead.has(key);
  });
  if (orphans.length === 0) return [];
  for (const lease of orphans) page.removeLease(lease);
  const removed = removeUnexplained(host, page.leases());
  return [
    ...orphans.map(
      ({ container, ip, owner }) =>
        `${formatIp(ip)} of ${container}: its owner, process ${owner.pid}, is gone`,
    ),
    ...removed.map(port => `${showPublished(port)}: nobody accounts for it`),
  ];
}

function ownerKey({ pid, started }: ProcessIdentity): string {
  return `${pid} ${started}`;
}

/** Elements of the maps that no lease accounts for. */
function removeUnexplained(
  host: NetworkHost,
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
// As made: a995cced
