// A signal for a container; without a name for it, the end.
//
// - `killJob`: { reference, signal }; throws with Docker's words
//
// SIGKILL is answered when the container has ended, any other signal when it was sent.

import { jobType } from '../../../engine/job.ts';
import { invalid, Refusal } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import { parseSignal } from '../create/signals.ts';
import { cancelRestart, endByHand, sendSignal } from './signal.ts';

export interface KillRequest {
  readonly reference: string;
  readonly signal: string | undefined;
}

export const killJob = jobType<KillRequest, void>('kill');

const [sigkill, largestSignal] = [9, 64];

export async function kill(containers: Containers, request: KillRequest): Promise<void> {
  const { reference } = request;
  try {
    await killNow(containers, reference, numberOf(request.signal));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const message = `cannot kill container: ${reference}: ${error.message}`;
    throw new Refusal(error.code, message, { cause: error });
  }
}

async function killNow(containers: Containers, reference: string, signal: number): Promise<void> {
  const { id, state } = containers.find(reference);
  if (signal > largestSignal) {
    throw invalid(`the linux daemon does not support signal ${signal}`);
  }
  if (state.status === 'restarting') return cancelRestart(containers, id);
  if (signal !== sigkill) return sendSignal(containers, id, signal);
  if (state.pid === 0) return sendSignal(containers, id, signal);
  const { queue } = containers.live(id);
  await endByHand(containers, id, { signal, timeoutS: 10 });
  // Whoever is inside, or watches, hears of the end first.
  await queue.run(() => undefined);
}

function numberOf(written: string | undefined): number {
  if (written === undefined) return sigkill;
  const number = parseSignal(written);
  if (number === undefined) throw invalid(`invalid signal: ${written}`);
  return number;
}
