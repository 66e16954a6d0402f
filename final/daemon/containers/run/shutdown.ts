// The daemon ends: its containers first, all at the same time.
//
// - `shutDown(containers, timeoutS)`: each by its own signal; by force when the time is over
//
// Who is being started at this moment is waited for, and then ended with the others: nobody starts
// any more (start.ts), so that the second look finds the last of them.
//
// Nobody has stopped them by hand: what its policy wants to run is started by the next daemon.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Containers } from '../core/containers.ts';
import { isAlive } from '../record/state.ts';
import { endByHand, stopSignalOf } from '../verbs/signal.ts';
import { cancelRetry } from './retry.ts';

const usualTimeoutS = 10;

export async function shutDown(containers: Containers, timeoutS: number): Promise<void> {
  containers.isShuttingDown = true;
  await endAll(containers, timeoutS);
  await settled(containers);
  await endAll(containers, timeoutS);
  // What follows an end, such as the removal with --rm, is done in the queues.
  await settled(containers);
  containers.store.writeRest();
}

/** A queue that is stuck has been told to the log, and is left. */
const patienceMs = 5000;

async function settled(containers: Containers): Promise<void> {
  const queues = [...containers.all()].map(({ id }) => containers.live(id).queue);
  const late = sleep(patienceMs, undefined, { ref: false });
  await Promise.race([Promise.all(queues.map(queue => queue.run(() => undefined))), late]);
}

async function endAll(containers: Containers, timeoutS: number): Promise<void> {
  const all = [...containers.all()];
  for (const { id } of all) cancelRetry(containers.live(id));
  await Promise.all(
    all
      .filter(({ state }) => isAlive(state))
      .map(async record => {
        const own = record.config.StopTimeout ?? usualTimeoutS;
        const patience = own < 0 ? timeoutS : Math.min(own, timeoutS);
        const how = { signal: stopSignalOf(record), timeoutS: patience };
        try {
          await endByHand(containers, record.id, how);
        } catch (error) {
          containers.needs.warn(`container ${record.id} could not be stopped: ${String(error)}`);
        }
      }),
  );
}
