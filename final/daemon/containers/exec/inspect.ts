// What is known of a process of an exec, and the size of its terminal.
//
// - `execInspectJob`: { id } → what GET /exec/…/json answers
// - `execResizeJob`: { id, rows, columns }; before its start, too

import { jobType } from '../../../engine/job.ts';
import type { Containers } from '../core/containers.ts';
import { findExec } from './find.ts';

export const execInspectJob = jobType<{ readonly id: string }, object>('exec_inspect');

export function execInspect(containers: Containers, id: string): object {
  const { config, state, pid, exitCode, containerId } = findExec(containers, id);
  const [entrypoint = '', ...rest] = config.Cmd ?? [];
  return {
    ID: id,
    // From the moment its caller is told that it begins: who asks then waits for its end.
    Running: state === 'starting' || state === 'running',
    ExitCode: exitCode,
    ProcessConfig: {
      tty: config.Tty,
      entrypoint,
      arguments: rest,
      privileged: config.Privileged,
      ...(config.User !== '' && { user: config.User }),
    },
    OpenStdin: config.AttachStdin,
    OpenStderr: config.AttachStderr,
    OpenStdout: config.AttachStdout,
    CanRemove: false,
    ContainerID: containerId,
    DetachKeys: '',
    Pid: pid,
  };
}

export interface ExecResizeRequest {
  readonly id: string;
  readonly rows: number;
  readonly columns: number;
}

export const execResizeJob = jobType<ExecResizeRequest, void>('exec_resize');

export async function execResize(
  containers: Containers,
  { id, rows, columns }: ExecResizeRequest,
): Promise<void> {
  const exec = findExec(containers, id);
  if (rows > 0 && columns > 0) exec.size = { rows, columns };
  if (exec.state === 'running') await exec.child?.resize(rows, columns);
}
