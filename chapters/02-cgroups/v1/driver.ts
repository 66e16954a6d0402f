// Version 1: one directory in each of several hierarchies, `tasks` and `cgroup.procs`
// in all.
//
// - driverV1(host): the Driver
//
// What this world asks for:
// - A new cpuset group has no processors and no memory, and nobody can enter it
//   (ENOSPC): both are filled from the group above, all the way down, when the group is
//   made.
// - SIGKILL reaches a frozen process only when it is thawed. So a kill thaws last:
//   frozen processes cannot fork away, nor die and leave their number to someone else.
// - freezer.state can stay at FREEZING while a process is being born: write FROZEN
//   again.
//
// Source: Documentation/admin-guide/cgroup-v1/{cpusets,freezer-subsystem,cgroups}.rst

import { attachTo } from '../group/attach.ts';
import { look, type Driver, type Freezer, type Seat } from '../group/driver.ts';
import { ControlGroupError } from '../group/errors.ts';
import type { Host } from '../hierarchies/host.ts';
import { signalAll, untilEmpty } from '../group/kill.ts';
import { settingsV1 } from './settings.ts';
import { eventsV1, statsV1 } from './stats.ts';
import { directoriesTo } from '../group/tree.ts';

export function driverV1(host: Host): Driver {
  const at = (seat: Seat) => (file: string) => look(host, seat, file);
  return {
    prepare: seat => {
      // Every controller of the hierarchy counts, also one that this group has no use
      // for.
      if (seat.hierarchy.controllers.includes('cpuset')) fillCpuset(host, seat);
    },
    makeRoom: () => undefined, // the kernel does it, and says EBUSY if it cannot
    settings: (seat, limits) =>
      settingsV1(limits, { directory: seat.directory, look: at(seat) }),
    attach: (seat, pid) => attachTo(host, seat, pid),
    freeze: seat => freeze(host, seat),
    thaw: async seat => thaw(host, seat),
    kill: (seat, freezer) =>
      untilEmpty(host, seat.directory, () => stopAndSignal(host, seat, freezer)),
    stats: seat => statsV1(seat.controllers, at(seat)),
    events: seat => eventsV1(seat.controllers, at(seat)),
  };
}

/** From the top down, because a group may only have what the one above it has. */
function fillCpuset(host: Host, { base, directory }: Seat): void {
  // #hole fill-cpuset: A new group of cpuset has no processors and no memory, and
  // nobody can enter it. Two files are to be filled before anybody comes, with what the
  // group above has, and that in each group on the way.
  const above = new Map<string, string>();
  for (const group of directoriesTo(base, directory)) {
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const own = host.read(`${group}/${file}`).trim();
      const whole = own || (above.get(file) ?? host.read(`${base}/${file}`).trim());
      if (own === '') host.write(`${group}/${file}`, whole);
      above.set(file, whole);
    }
  }
  // #instead
  // void [host, base, directory, directoriesTo];
  // #endhole
}

async function freeze(host: Host, { directory }: Seat): Promise<void> {
  const file = `${directory}/freezer.state`;
  for (let tries = 0; tries < 200; tries++) {
    host.write(file, 'FROZEN');
    if (host.read(file).trim() === 'FROZEN') return;
    await host.pause(Math.min(2 ** tries, 20));
    // A moment of life lets a process finish what keeps it from standing still.
    if (tries % 25 === 24) host.write(file, 'THAWED');
  }
  host.write(file, 'THAWED');
  throw new ControlGroupError(
    'BUSY',
    `control group ${directory} does not freeze: a process in it cannot be interrupted`,
  );
}

function thaw(host: Host, { directory }: Seat): void {
  const file = `${directory}/freezer.state`;
  host.write(file, 'THAWED');
  const state = host.read(file).trim();
  if (state === 'THAWED') return;
  throw new ControlGroupError(
    'NOT_TAKEN',
    `control group ${directory} stays ${state}: a group above is frozen, thaw that one`,
  );
}

async function stopAndSignal(
  host: Host,
  { directory }: Seat,
  freezer: Freezer | undefined,
): Promise<void> {
  try {
    await freezer?.freeze();
  } catch {
    // It cannot be held still (it sleeps in a driver): the signal waits for it all the
    // same.
  }
  signalAll(host, directory);
  await freezer?.thaw();
}
