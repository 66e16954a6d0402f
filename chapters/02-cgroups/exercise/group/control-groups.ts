// Made from ../../group/control-groups.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The control groups of a machine: making them, and finding them again.
//
// - createGroup(machine, { name, limits }): makes a group with its limits in force, or
//   nothing
// - openGroup(machine, name): finds one again (from another process, a restarted
//   daemon)
//
//   version 1:  /sys/fs/cgroup/cpu/slipway/box   /sys/fs/cgroup/memory/slipway/box   …
//   version 2:  /sys/fs/cgroup/slipway/box
//   both:       each controller's directory is wherever that controller lives

import { controllers, type Controller } from '../../hierarchies/controllers.ts';
import type { Seat } from '../../group/driver.ts';
import { ControlGroupError } from '../../group/errors.ts';
import { groupOf, type Group } from './group.ts';
import { controllerOf, namesOf } from '../../limits/limits.ts';
import type { ControlGroups, GroupRequest } from './machine.ts';
import { applyToNew } from '../../limits/setting.ts';
import { removeEmptyHomes, removeSeats, seatsFor } from '../../group/seats.ts';
import { makePath } from '../../group/tree.ts';

/** What a container has unless its maker wants other ones. */
export const usualControllers: readonly Controller[] = [
  'cpu',
  'cpuacct',
  'cpuset',
  'memory',
  'blkio',
  'pids',
  'devices',
  'freezer',
];

/**
 * @throws ABSENT, REFUSED, NOT_TAKEN, UNSUPPORTED, EXISTS; then nothing is left behind
 */
export async function createGroup(
  machine: ControlGroups,
  request: GroupRequest,
): Promise<Group> {
  const { limits = {}, controllers: asked = usualControllers } = request;
  const needed = namesOf(limits).map(limit => controllerOf[limit]);
  const wanted = new Set([...asked, ...needed]);
  const seats = seatsFor(machine, request, wanted);
  const made: Seat[] = [];
  try {
    for (const seat of seats) {
      makePath(machine.host, seat.base, seat.directory);
      made.push(seat);
      machine.drivers[seat.hierarchy.world].prepare(seat);
    }
    const group = groupOf(machine, request, seats);
    applyToNew(machine.host, group.settingsFor(limits));
    return group;
  } catch (error) {
    // Only what was made here: a directory that was there before is somebody else's.
    await removeSeats(machine, made);
    removeEmptyHomes(machine, seats);
    throw error;
  }
}

/** @throws GONE when no hierarchy has such a group */
export function openGroup(
  machine: ControlGroups,
  request: Pick<GroupRequest, 'name' | 'parent'>,
): Group {
  const all = seatsFor(machine, request, new Set(controllers));
  const seats = all.filter(({ directory }) => machine.host.has(directory));
  if (seats.length > 0) return groupOf(machine, request, seats);
  throw new ControlGroupError(
    'GONE',
    `there is no control group ${request.name}: it was removed`,
  );
}
// As made: f4e852ed
