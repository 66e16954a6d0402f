// A container ends in its own way, or after a while by force.
//
// - `stopJob`: { reference, timeoutS, signal }; throws UNCHANGED if it does not run
// - `stop(containers, request)`

import { jobType } from '../../../engine/job.ts';
import { invalid, unchanged } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import { parseSignal } from '../create/signals.ts';
import type { ContainerId } from '../record/record.ts';
import { isRunning } from '../record/state.ts';
import { cancelRestart, endByHand, markStopped, stopSignalOf } from './signal.ts';

export interface StopRequest {
  readonly reference: string;
  /** Undefined: what the container says, or 10. */
  readonly timeoutS: number | undefined;
  readonly signal: string | undefined;
}

export const stopJob = jobType<StopRequest, void>('stop');

const defaultTimeoutS = 10;

export async function stop(containers: Containers, request: StopRequest): Promise<void> {
  const record = containers.find(request.reference);
  if (!isRunning(record.state)) throw unchanged(`container ${record.id} is not running`);
  await stopNow(containers, record.id, request);
}

export async function stopNow(
  containers: Containers,
  id: ContainerId,
  { timeoutS, signal }: Omit<StopRequest, 'reference'>,
): Promise<void> {
  const record = containers.get(id);
  const number = signal ? parseSignal(signal) : stopSignalOf(record);
  if (number === undefined) throw invalid(`invalid signal: ${signal}`);
  if (record.state.status === 'restarting') cancelRestart(containers, id);
  else {
    markStopped(containers, id);
    const patience = timeoutS ?? record.config.StopTimeout ?? defaultTimeoutS;
    await endByHand(containers, id, { signal: number, timeoutS: patience });
  }
  const ended = containers.store.get(id);
  containers.tell(ended ?? record, 'stop');
}
