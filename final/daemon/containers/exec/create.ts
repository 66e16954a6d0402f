// A second process for a container that runs: named now, started later.
//
// - `execCreateJob`: { reference, config } → its id

import { jobType } from '../../../engine/job.ts';
import { conflict, invalid } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import type { Exec } from '../core/live.ts';
import { parseDetachKeys } from '../io/detach-keys.ts';
import { newId } from '../record/names.ts';
import { runningOf } from '../verbs/pause.ts';
import type { ExecConfig } from './config.ts';

export interface ExecCreateRequest {
  readonly reference: string;
  readonly config: ExecConfig;
}

export const execCreateJob = jobType<ExecCreateRequest, string>('exec_create');

export function execCreate(containers: Containers, request: ExecCreateRequest): string {
  const { reference, config } = request;
  const record = containers.find(reference);
  if (config.Cmd === null || config.Cmd.length === 0) {
    throw invalid('No exec command specified');
  }
  refuseUnlessActive(containers, reference);
  try {
    parseDetachKeys(config.DetachKeys);
  } catch (cause) {
    throw invalid(`Invalid escape keys (${config.DetachKeys}) provided`, { cause });
  }
  const exec: Exec = {
    id: newId(containers.needs.random),
    containerId: record.id,
    config,
    linked: containers.needs.networks.linkVariables(record),
    state: 'created',
    pid: 0,
    exitCode: null,
    child: undefined,
    size: sizeOf(config.ConsoleSize),
  };
  containers.execs.set(exec.id, exec);
  containers.live(record.id).execs.set(exec.id, exec);
  containers.tell(record, `exec_create: ${commandText(config)}`, { execID: exec.id });
  return exec.id;
}

/** @throws CONFLICT unless something can be started in it now */
export function refuseUnlessActive(containers: Containers, reference: string): void {
  const record = containers.find(reference);
  switch (record.state.status) {
    case 'paused':
      throw conflict(`Container ${reference} is paused, unpause the container before exec`);
    case 'restarting':
      throw conflict(`Container ${reference} is restarting, wait until the container is running`);
    default:
      runningOf(containers, record.id);
  }
}

export function commandText({ Cmd }: ExecConfig): string {
  const [program = '', ...args] = Cmd ?? [];
  return `${program} ${args.join(' ')}`;
}

export function sizeOf(
  consoleSize: readonly [number, number] | undefined,
): { readonly rows: number; readonly columns: number } | undefined {
  if (consoleSize === undefined || consoleSize[0] === 0 || consoleSize[1] === 0) return undefined;
  return { rows: consoleSize[0], columns: consoleSize[1] };
}
