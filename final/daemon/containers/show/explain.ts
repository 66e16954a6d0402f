// The program of system calls that a container was started with, and how long each took.
//
// - `explainJob`: { reference } → a line a step
//
// Of one that runs: what was run. A daemon that found it running knows the lines and not the times.

import { jobType } from '../../../engine/job.ts';
import type { StepTime } from '../../../execdriver/driver.ts';
import type { Containers } from '../core/containers.ts';
import { runningOf } from '../verbs/pause.ts';

export const explainJob = jobType<{ readonly reference: string }, readonly StepTime[]>('explain');

/** @throws CONFLICT if it does not run */
export function explain(containers: Containers, reference: string): readonly StepTime[] {
  return runningOf(containers, containers.find(reference).id).steps;
}
