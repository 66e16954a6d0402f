// The daemon ends: its containers first, all at the same time.
//
// - `shutDown(containers, timeoutS)`: each by its own signal; by force when the time is over
//
// Nobody has stopped them by hand: what its policy wants to run is started by the next daemon.

import type { Containers } from '../core/containers.ts';
import { isAlive } from '../record/state.ts';
import { endByHand, stopSignalOf } from '../verbs/signal.ts';
import { cancelRetry } from './retry.ts';

const usualTimeoutS = 10;

export async function shutDown(containers: Containers, timeoutS: number): Promise<void> {
  containers.isShuttingDown = true;
  const all = [...containers.all()];
  const lives = all.map(({ id }) => containers.live(id));
  for (const live of lives) cancelRetry(live);
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
  // What follows an end, such as the removal with --rm, is done in the queues.
  await Promise.all(lives.map(({ queue }) => queue.run(() => undefined)));
}
