// One control group at work.
//
// - Group: set limits, let processes in, hold them, count, end them, remove the group
// - groupOf(machine, request, seats): over the directories that were made for it
//
// Invariants: a limit that this machine cannot keep is an error, never silence. A group
// that was killed takes nobody in any more. `await using` ends what is left in it and
// removes it.

import type { ControlGroups, GroupRequest } from './machine.ts';
import type { Controller } from '../hierarchies/controllers.ts';
import type { Driver, Freezer, Seat } from './driver.ts';
import { ControlGroupError } from './errors.ts';
import {
  controllerOf,
  namesOf,
  type LimitName,
  type Limits,
} from '../limits/limits.ts';
import { defaultParent, placeOf } from './place.ts';
import { joinStats, ownLimits, removeSeats } from './seats.ts';
import { applySettings, type Setting } from '../limits/setting.ts';
import type { GroupEvents, GroupStats } from './stats.ts';
import { processesIn } from './tree.ts';

export interface Group extends AsyncDisposable {
  readonly name: string;
  /** for `spawn({ cgroups })`: a process is in them before its first instruction */
  readonly directories: readonly string[];
  directoryOf(controller: Controller): string | undefined;
  /** What `set` would write. @throws ABSENT, UNSUPPORTED */
  settingsFor(limits: Limits): Setting[];
  /** Changes the limits named, of a group at work too: all of them or none. */
  set(limits: Limits): void;
  /** Moves a process, with all its threads, in. */
  attach(pid: number): Promise<void>;
  processes(): number[];
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Ends all processes, frozen or not. */
  kill(): Promise<void>;
  stats(): GroupStats;
  events(): GroupEvents;
  /** @throws BUSY while there are processes in it */
  remove(): Promise<void>;
}

export function groupOf(
  machine: ControlGroups,
  request: GroupRequest,
  seats: readonly Seat[],
): Group {
  const { host } = machine;
  const { name } = request;
  const driverOf = ({ hierarchy }: Seat): Driver => machine.drivers[hierarchy.world];
  const seatOf = (controller: Controller): Seat | undefined =>
    seats.find(seat => seat.controllers.includes(controller));
  const freezer = (): Freezer => {
    const seat = seatOf('freezer');
    if (seat === undefined) throw absent(machine, request, 'freezing', 'freezer');
    return {
      freeze: () => driverOf(seat).freeze(seat),
      thaw: () => driverOf(seat).thaw(seat),
    };
  };
  const settingsFor = (limits: Limits): Setting[] => {
    for (const limit of namesOf(limits)) {
      const controller = controllerOf[limit];
      if (seatOf(controller) === undefined) {
        throw absent(machine, request, limit, controller);
      }
    }
    return seats.flatMap(seat =>
      driverOf(seat).settings(seat, ownLimits(seat, limits)),
    );
  };
  let killed = false;
  const kill = async (): Promise<void> => {
    killed = true;
    const still = seatOf('freezer') === undefined ? undefined : freezer();
    // Version 2 first: its cgroup.kill ends all in one stroke.
    const order = seats.toSorted((a, b) => rank(a) - rank(b));
    for (const seat of order) await driverOf(seat).kill(seat, still);
  };
  const processes = (): number[] => [
    ...new Set(seats.flatMap(({ directory }) => processesIn(host, directory))),
  ];
  const remove = (): Promise<void> => removeSeats(machine, seats);

  return {
    name,
    directories: seats.map(({ directory }) => directory),
    directoryOf: controller => seatOf(controller)?.directory,
    settingsFor,
    set: limits => {
      const settings = settingsFor(limits);
      for (const seat of seats) driverOf(seat).makeRoom(seat, ownLimits(seat, limits));
      applySettings(host, settings);
    },
    attach: async pid => {
      if (killed) throw dead(name);
      for (const seat of seats) await driverOf(seat).attach(seat, pid);
    },
    processes,
    freeze: async () => freezer().freeze(),
    thaw: async () => freezer().thaw(),
    kill,
    stats: () => joinStats(seats.map(seat => driverOf(seat).stats(seat))),
    events: () => {
      const parts = seats.map(seat => driverOf(seat).events(seat));
      const frozen = parts.some(part => part.frozen);
      return {
        ...Object.assign({}, ...parts),
        frozen,
        // Of every hierarchy, so only for who wants to know.
        get populated() {
          return processes().length > 0;
        },
      };
    },
    remove,
    [Symbol.asyncDispose]: async () => {
      // #hole end-all: An application that has ended may have left others in the group,
      // and a group with somebody in it cannot be removed.
      await kill();
      // #instead
      // #endhole
      await remove();
    },
  };
}

function rank({ hierarchy }: Seat): number {
  return hierarchy.world === 'v2' ? 0 : 1;
}

function dead(name: string): ControlGroupError {
  const why = 'it was killed, and a killed group is not used again: make a new one';
  return new ControlGroupError(
    'GONE',
    `control group ${name} takes no process: ${why}`,
  );
}

/**
 * Why a controller cannot be used: not there, not ours, or not asked for at the start.
 */
function absent(
  { host, hierarchies }: ControlGroups,
  { name, parent = defaultParent }: GroupRequest,
  wish: LimitName | 'freezing',
  controller: Controller,
): ControlGroupError {
  const found = hierarchies.of[controller];
  const place =
    found.world === 'absent'
      ? { unusable: found.reason }
      : placeOf(host, found.hierarchy, parent, name);
  const why = 'unusable' in place ? place.unusable : 'the group was made without it';
  return new ControlGroupError(
    'ABSENT',
    `${wish} needs the controller ${controller}: ${why}`,
  );
}
