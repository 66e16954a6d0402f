// A container ends, if it runs, and begins again.
//
// - `restartJob`: { reference, timeoutS, signal }

import { jobType } from '../../../engine/job.ts';
import { Refusal } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import { isRunning } from '../record/state.ts';
import { startContainer } from '../run/start.ts';
import { stopNow, type StopRequest, told } from './stop.ts';

export const restartJob = jobType<StopRequest, void>('restart');

export async function restart(containers: Containers, request: StopRequest): Promise<void> {
  const { id, state } = containers.find(request.reference);
  const live = containers.live(id);
  live.isRestarting = true;
  try {
    await told(`Cannot restart container ${request.reference}`, async () => {
      if (isRunning(state)) await stopNow(containers, id, request);
      await live.queue.run(() => startContainer(containers, id, 'asked'));
    });
  } catch (error) {
    // Somebody else has started it meanwhile.
    if (!(error instanceof Refusal && error.code === 'UNCHANGED')) throw error;
  } finally {
    live.isRestarting = false;
  }
  containers.tell(containers.get(id), 'restart');
}
