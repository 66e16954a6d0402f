// Made from ../../group/machine.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// A machine as far as control groups go: which controller lives where, and how.
//
// - linuxControlGroups(): this machine; controlGroupsOn(host): any, also a recorded one
// - GroupRequest: what is wished of a group on it

import type { Controller } from '../../hierarchies/controllers.ts';
import type { Driver } from '../../group/driver.ts';
import { driverV1 } from '../v1/driver.ts';
import { driverV2 } from '../../v2/driver.ts';
import {
  readHierarchies,
  type Hierarchies,
  type World,
} from '../../hierarchies/hierarchies.ts';
import { linuxHost, type Host } from '../../hierarchies/host.ts';
import type { Limits } from '../../limits/limits.ts';

export interface ControlGroups {
  readonly host: Host;
  readonly hierarchies: Hierarchies;
  readonly drivers: Readonly<Record<World, Driver>>;
  /** leave `slipway` when the last group goes: who makes many has half the work */
  readonly keepsHome: boolean;
}

export interface GroupRequest {
  readonly name: string;
  /** one or more names, "slipway" by default; place.ts says where it lies */
  readonly parent?: string;
  readonly limits?: Limits;
  /** besides those that the limits need; each costs a directory and an entry */
  readonly controllers?: readonly Controller[];
}

export function linuxControlGroups(keepsHome = false): ControlGroups {
  return controlGroupsOn(linuxHost(), keepsHome);
}

export function controlGroupsOn(host: Host, keepsHome = false): ControlGroups {
  return {
    host,
    keepsHome,
    hierarchies: readHierarchies(host),
    drivers: { v1: driverV1(host), v2: driverV2(host) },
  };
}
// As made: 721d08ce
