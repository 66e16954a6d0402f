// What both worlds have to be able to do with a group's directory.
//
// - Driver: one implementation for version 1 (v1/driver.ts), one for version 2
// - Seat: a group's place in one hierarchy; a group is a set of seats (group.ts)
//
// The life of a seat: prepare → settings, attach → freeze, thaw, stats, events → kill →
// remove. A driver knows files and their order, nothing of names, options or
// containers.

import { errnoOf } from './errors.ts';
import type { Controller } from '../hierarchies/controllers.ts';
import type { Hierarchy } from '../hierarchies/hierarchies.ts';
import type { Host } from '../hierarchies/host.ts';
import type { Limits } from '../limits/limits.ts';
import type { Setting } from '../limits/setting.ts';
import type { GroupEvents, GroupStats } from './stats.ts';

export interface Seat {
  readonly hierarchy: Hierarchy;
  /** from where the group may be made: the mount point, or the process's own group */
  readonly base: string;
  /** the group's own directory, somewhere below `base` */
  readonly directory: string;
  /** those of the hierarchy that this group uses */
  readonly controllers: readonly Controller[];
}

export interface Freezer {
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

export interface Driver {
  /** Makes a new directory ready to take limits and processes. @throws REFUSED */
  prepare(seat: Seat): void;
  /** Makes room for limits that are lower than today's use. @throws REFUSED */
  makeRoom(seat: Seat, limits: Limits): void;
  /** What to write to have these limits; nothing is written yet. @throws UNSUPPORTED */
  settings(seat: Seat, limits: Limits): Setting[];
  /** @throws REFUSED with what keeps the process out */
  attach(seat: Seat, pid: number): Promise<void>;
  /**
   * Resolves when every process stands still.
   * @throws BUSY, thawed, when one does not
   */
  freeze(seat: Seat): Promise<void>;
  thaw(seat: Seat): Promise<void>;
  /** Resolves when nobody is left; `freezer` holds the group still, if anything can. */
  kill(seat: Seat, freezer: Freezer | undefined): Promise<void>;
  stats(seat: Seat): GroupStats;
  events(seat: Seat): Omit<GroupEvents, 'populated'>;
}

/** The text of a file of a seat, or undefined when this kernel has no such file. */
export function look(
  host: Host,
  { directory }: Seat,
  file: string,
): string | undefined {
  try {
    return host.read(`${directory}/${file}`).trim();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
