// A container ends in its own way, or after a while by force.
//
// - `stopJob`: { reference, timeoutS, signal }; throws UNCHANGED if it does not run
// - `stop(containers, request)`, `stopNow(containers, id, how)`
// - `told(what, work)`: its refusals begin with what was to be done

import { jobType } from '../../../engine/job.ts';
import { invalid, Refusal, unchanged } from '../../../engine/refusal.ts';
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
  if (!isRunning(record.state)) throw unchanged('container is already stopped');
  await told(`cannot stop container: ${request.reference}`, () =>
    stopNow(containers, record.id, request),
  );
}

/** What is refused within names what was to be done. */
export async function told<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Refusal) || cause.code === 'UNCHANGED') throw cause;
    throw new Refusal(cause.code, `${what}: ${cause.message}`, { cause });
  }
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
