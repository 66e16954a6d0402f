// The program of system calls of a container or of an exec, a line a step.
//
// - `explainJob`: { reference } → of one that there is, with how long each step took when it was
//   started last; of one that was never started, what its start would be
// - `explainRunJob`: a create request → what its start would be; nothing is left of it
// - `explainExecJob`: { reference, config } → what such an exec would be
//
// Source of the times: the keeper, which has them from the init.

import { withUsual } from '../create/defaults.ts';
import { jobType } from '../../../engine/job.ts';
import type { StepTime } from '../../../execdriver/driver.ts';
import type { Containers } from '../core/containers.ts';
import { createContainer, type CreateRequest } from '../create/create.ts';
import type { ExecConfig } from '../exec/config.ts';
import { execProcess } from '../exec/launch.ts';
import { runningOf } from '../verbs/pause.ts';
import { remove } from '../verbs/remove.ts';
import { planOf } from './plan.ts';

type Steps = readonly StepTime[];

export interface ExplainExecRequest {
  readonly reference: string;
  readonly config: ExecConfig;
}

export const explainJob = jobType<{ readonly reference: string }, Steps>('explain');
export const explainRunJob = jobType<CreateRequest, Steps>('explain_run');
export const explainExecJob = jobType<ExplainExecRequest, Steps>('explain_exec');

export async function explain(containers: Containers, reference: string): Promise<Steps> {
  const record = containers.find(reference);
  const own = containers.live(record.id).running?.steps() ?? [];
  if (own.length > 0) return own;
  const kept = containers.programs.get(record.id);
  return kept ?? containers.needs.driver.explain(await planOf(containers, record));
}

export async function explainRun(containers: Containers, request: CreateRequest): Promise<Steps> {
  const { id } = await createContainer(containers, request);
  try {
    return containers.needs.driver.explain(await planOf(containers, containers.get(id)));
  } finally {
    await remove(containers, { reference: id, force: true, withVolumes: true, link: false });
  }
}

/** @throws CONFLICT if the container does not run */
export function explainExec(
  containers: Containers,
  { reference, config }: ExplainExecRequest,
): Steps {
  const record = containers.find(reference);
  const running = runningOf(containers, record.id);
  const linked = containers.needs.networks.linkVariables(record);
  const limited = withUsual(containers.settings, record);
  return running.explain(execProcess(limited, { config, linked }, running));
}
