// What is being worked on: the job `jobs`, which sees itself.
//
// - `jobsJob`, `JobsAnswer`

import type { JobRecord } from '../../engine/job.ts';
import { jobType } from '../../engine/job.ts';

export interface JobsAnswer {
  /** What can be asked for. */
  readonly Names: readonly string[];
  readonly Running: readonly {
    readonly Id: number;
    readonly Name: string;
    readonly Args: readonly string[];
    readonly Started: string;
  }[];
}

export const jobsJob = jobType<undefined, JobsAnswer>('jobs');

export function jobsAnswer(names: readonly string[], running: readonly JobRecord[]): JobsAnswer {
  return {
    Names: names,
    Running: running.map(({ id, name, args, startedMs }) => ({
      Id: id,
      Name: name,
      Args: args,
      Started: new Date(startedMs).toISOString(),
    })),
  };
}
