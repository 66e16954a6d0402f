// Version 2: one hierarchy, one directory, and a controller has to be handed down to
// it.
//
// - driverV2(host): the Driver
//
// What this world asks for:
// - A group has the files of a controller only when cgroup.subtree_control of the group
//   above lists it, and that one's again above it: they are enabled from the top down.
// - No processes inside: a group that hands controllers down may hold none itself (only
//   the root may). So a container's group is a leaf, and its home is empty.
// - memory.max below what is in use kills at once, where version 1 refuses: asked for
//   first.
// - cgroup.kill ends all, frozen or not. A group that was killed once is never used
//   again: on Linux 6.18 a child cloned into one dies at birth.
//
// Source: Documentation/admin-guide/cgroup-v2.rst

import { attachTo } from '../group/attach.ts';
import { twin, type Controller } from '../hierarchies/controllers.ts';
import { look, type Driver, type Seat } from '../group/driver.ts';
import { ControlGroupError, errnoOf, refused } from '../group/errors.ts';
import type { Host } from '../hierarchies/host.ts';
import { signalAll, untilEmpty } from '../group/kill.ts';
import type { Limits } from '../limits/limits.ts';
import { settingsV2 } from './settings.ts';
import { eventsV2, statsV2 } from './stats.ts';
import { parseFlat } from '../group/stats.ts';
import { directoriesTo } from '../group/tree.ts';

export function driverV2(host: Host): Driver {
  const at = (seat: Seat) => (file: string) => look(host, seat, file);
  return {
    prepare: seat => handDown(host, seat),
    makeRoom: (seat, limits) => makeRoom(host, seat, limits),
    settings: (seat, limits) =>
      settingsV2(limits, { directory: seat.directory, look: at(seat) }),
    attach: (seat, pid) => attachTo(host, seat, pid),
    freeze: seat => setFrozen(host, seat, true),
    thaw: seat => setFrozen(host, seat, false),
    kill: (seat, freezer) =>
      untilEmpty(host, seat.directory, async () => {
        strike(host, seat);
        // Where the freezer is a version 1 hierarchy, the frozen die when they are
        // thawed.
        await freezer?.thaw();
      }),
    stats: seat => statsV2(seat.controllers, at(seat)),
    events: seat => eventsV2(seat.controllers, at(seat)),
  };
}

/** The kernel's names of the controllers that have to be enabled. */
function namesIn(controllers: readonly Controller[]): string[] {
  return controllers.flatMap(controller => {
    const how = twin[controller];
    return how.as === 'controller' ? [how.name] : [];
  });
}

function handDown(host: Host, { base, directory, controllers }: Seat): void {
  const names = namesIn(controllers);
  if (names.length === 0) return;
  const groups = [base, ...directoriesTo(base, directory).slice(0, -1)];
  for (const group of groups) {
    const file = `${group}/cgroup.subtree_control`;
    const there = host.read(file).trim().split(/\s+/);
    for (const name of names) {
      if (!there.includes(name)) enable(host, file, name);
    }
  }
}

function enable(host: Host, file: string, name: string): void {
  try {
    host.write(file, `+${name}`);
  } catch (error) {
    throw refused(
      `writing +${name} to ${file}`,
      error,
      enableHints[errnoOf(error) ?? ''],
    );
  }
}

const enableHints: Readonly<Record<string, string>> = {
  EBUSY:
    'a group with processes in it cannot hand controllers down: move them into ' +
    'a group of their own first (moveAside)',
  ENOENT: 'the group above does not hand this controller down',
  EACCES: 'only the owner of that group may: become root, or have it delegated',
  EPERM: 'only the owner of that group may: become root, or have it delegated',
};

/** `memory.reclaim` first: what is only cached is no reason to refuse. */
function makeRoom(host: Host, seat: Seat, { memoryBytes }: Limits): void {
  if (memoryBytes === undefined || memoryBytes === -1) return;
  const used = (): number => Number(look(host, seat, 'memory.current') ?? 0);
  if (used() <= memoryBytes) return;
  try {
    host.write(`${seat.directory}/memory.reclaim`, String(used() - memoryBytes));
  } catch {
    // EAGAIN: less could be freed than asked for; older than 5.19: no such file.
  }
  if (used() <= memoryBytes) return;
  throw new ControlGroupError(
    'REFUSED',
    `memoryBytes: ${memoryBytes} bytes are too few for ${seat.directory}: ` +
      `${used()} bytes are in use and cannot be freed: choose more`,
  );
}

/** The write only begins it; cgroup.events says when the last process stands still. */
async function setFrozen(
  host: Host,
  { directory }: Seat,
  frozen: boolean,
): Promise<void> {
  const wanted = frozen ? 1 : 0;
  host.write(`${directory}/cgroup.freeze`, String(wanted));
  for (let tries = 0; tries < 200; tries++) {
    const events = parseFlat(host.read(`${directory}/cgroup.events`));
    if (events.get('frozen') === wanted) return;
    await host.pause(Math.min(2 ** tries, 20));
  }
  if (frozen) host.write(`${directory}/cgroup.freeze`, '0');
  throw new ControlGroupError(
    'BUSY',
    frozen
      ? `control group ${directory} does not freeze: a process cannot be interrupted`
      : `control group ${directory} stays frozen: a group above it is, thaw that one`,
  );
}

function strike(host: Host, { directory }: Seat): void {
  const file = `${directory}/cgroup.kill`;
  if (host.has(file)) host.write(file, '1');
  else signalAll(host, directory); // older than 5.14
}
