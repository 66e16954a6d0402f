// Until a container does not run, ends once more, or is gone.
//
// - `waitJob`: { reference, condition } → a promise of how it ended, at once
//
// The job is done when somebody waits: the answer's headers go out then, before the container has
// ended. Who goes away while waiting leaves nothing behind.

import { jobType } from '../../../engine/job.ts';
import { invalid } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import type { ExitNotice } from '../core/live.ts';
import { isRunning } from '../record/state.ts';

export interface WaitRequest {
  readonly reference: string;
  readonly condition: string | undefined;
  readonly signal: AbortSignal;
}

/** Undefined if nobody waits any more. */
export interface Waiting {
  readonly ended: Promise<ExitNotice | undefined>;
}

export const waitJob = jobType<WaitRequest, Waiting>('wait');

export function wait(containers: Containers, request: WaitRequest): Waiting {
  const { condition = 'not-running', signal } = request;
  if (!['not-running', 'next-exit', 'removed'].includes(condition)) {
    throw invalid(`invalid condition: "${condition}"`);
  }
  const { id, state } = containers.find(request.reference);
  const live = containers.live(id);
  switch (condition) {
    case 'next-exit':
      return { ended: live.exits.next(signal) };
    case 'removed':
      return { ended: live.removals.next(signal) };
    default:
      if (isRunning(state)) return { ended: live.exits.next(signal) };
      return { ended: Promise.resolve({ exitCode: state.exitCode }) };
  }
}
