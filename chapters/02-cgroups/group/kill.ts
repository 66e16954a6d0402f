// Ending all processes of a group.
//
// - untilEmpty(host, directory, strike): strikes until nobody is left
// - signalAll(host, directory): SIGKILL to each, one after the other
//
// Once is not enough: between reading the list and the last signal a process may fork.
// How that is kept from going on for ever is the drivers' business (freezing,
// cgroup.kill).

import { ControlGroupError, errnoOf } from './errors.ts';
import type { Host } from '../hierarchies/host.ts';
import { processesIn } from './tree.ts';

/** @throws BUSY naming the processes that SIGKILL does not end within five seconds */
export async function untilEmpty(
  host: Host,
  directory: string,
  strike: () => void | Promise<void>,
): Promise<void> {
  for (let tries = 0; processesIn(host, directory).length > 0; tries++) {
    if (tries === 100) {
      const pids = processesIn(host, directory).join(', ');
      throw new ControlGroupError(
        'BUSY',
        `control group ${directory}: SIGKILL does not end the processes ${pids}`,
      );
    }
    await strike();
    await host.pause(Math.min(2 ** tries, 50));
  }
}

export function signalAll(host: Host, directory: string): void {
  for (const pid of processesIn(host, directory)) {
    try {
      host.signal(pid, 'SIGKILL');
    } catch (error) {
      if (errnoOf(error) !== 'ESRCH') throw error; // it has ended by itself
    }
  }
}
