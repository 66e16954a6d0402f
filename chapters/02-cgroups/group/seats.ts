// A group as the set of its seats, one directory in each hierarchy that it needs.
//
// - seatsFor(machine, request, wanted): where they are to be
// - removeSeats(machine, seats), removeEmptyHomes(machine, seats): takes them away
// - joinStats(parts), ownLimits(seat, limits): from many to one, and from one to many

import type { Controller } from '../hierarchies/controllers.ts';
import type { ControlGroups, GroupRequest } from './machine.ts';
import type { Seat } from './driver.ts';
import { errnoOf } from './errors.ts';
import type { Host } from '../hierarchies/host.ts';
import { controllerOf, namesOf, type Limits } from '../limits/limits.ts';
import { checkName, checkParent, defaultParent, placeOf } from './place.ts';
import type { CpuStats, GroupStats } from './stats.ts';
import { removeTree } from './tree.ts';

/**
 * The hierarchies with a wanted controller; of version 2 also the bare core is useful.
 */
export function seatsFor(
  { host, hierarchies }: ControlGroups,
  { name, parent = defaultParent }: GroupRequest,
  wanted: ReadonlySet<Controller>,
): Seat[] {
  checkName(name);
  checkParent(parent);
  return hierarchies.all.flatMap(hierarchy => {
    const here = hierarchy.controllers.filter(controller => wanted.has(controller));
    const place = placeOf(host, hierarchy, parent, name);
    const useful = here.length > 0 || hierarchy.world === 'v2';
    if (!useful || 'unusable' in place) return [];
    return [{ hierarchy, ...place, controllers: here }];
  });
}

export async function removeSeats(
  machine: ControlGroups,
  seats: readonly Seat[],
): Promise<void> {
  for (const { directory } of seats) await removeTree(machine.host, directory);
  removeEmptyHomes(machine, seats);
}

/** Another parent is somebody's own, perhaps with limits: only `slipway` is tidied. */
export function removeEmptyHomes(
  { host, keepsHome }: ControlGroups,
  seats: readonly Seat[],
): void {
  if (keepsHome) return;
  for (const { base, directory } of seats) {
    const home = `${base}/${defaultParent}`;
    if (directory.startsWith(`${home}/`)) removeUnlessUsed(host, home);
  }
}

function removeUnlessUsed(host: Host, directory: string): void {
  try {
    host.removeDirectory(directory);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== 'EBUSY' && errno !== 'ENOENT') throw error;
  }
}

/** The part of the limits that this seat's controllers put in force. */
export function ownLimits({ controllers }: Seat, limits: Limits): Limits {
  const own = namesOf(limits).filter(name => controllers.includes(controllerOf[name]));
  return Object.fromEntries(own.map(name => [name, limits[name]])) as Limits;
}

/**
 * Where cpu and cpuacct are apart, each tells one half of what is known of the
 * processor.
 */
export function joinStats(parts: readonly GroupStats[]): GroupStats {
  const cpu: CpuStats = Object.assign({}, ...parts.map(part => part.cpu ?? {}));
  const all: GroupStats = Object.assign({}, ...parts);
  return parts.some(part => part.cpu !== undefined) ? { ...all, cpu } : all;
}
