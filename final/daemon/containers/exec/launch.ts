// The process of an exec, as the exec driver takes it, and its end.
//
// - `launchExec(containers, exec, sinks)`: → the child
// - `execProcess(record, exec, running)`: what it is
// - `watchExec(containers, exec, child)`: resolves when its end is known to all
// - `exitCodeOf(status)`: as a shell counts
//
// It has the container's environment, user and folder unless it was asked for others.

import type { ExitStatus, KeptChild, Sink } from '@slipway/native';
import { constants } from 'node:os';
import { isAbsolute } from 'node:path';
import type { Containers } from '../core/containers.ts';
import type { Exec } from '../core/live.ts';
import { withUsual } from '../create/defaults.ts';
import { conflict, invalid } from '../../../engine/refusal.ts';
import { readAccounts } from '../spec/accounts.ts';
import { makeProcess } from '../spec/spec.ts';
import type { Running } from '../../../execdriver/driver.ts';
import type { SpecProcess } from '../../../libcontainer/spec.ts';
import type { ContainerRecord } from '../record/record.ts';
import { runningOf } from '../verbs/pause.ts';

/** So many that have ended are remembered of one container. */
const mostEnded = 256;

export async function launchExec(
  containers: Containers,
  exec: Exec,
  sinks: readonly Sink[],
): Promise<KeptChild> {
  const { config, containerId } = exec;
  const running = runningOf(containers, containerId);
  const { size } = exec;
  const child = await running.exec({
    id: exec.id,
    process: execProcess(
      withUsual(containers.settings, containers.get(containerId)),
      exec,
      running,
    ),
    stdin: config.AttachStdin,
    sinks,
    ...(size && { size }),
    ...(config.Privileged && { privileged: true }),
  });
  exec.child = child;
  exec.pid = child.pid;
  exec.state = 'running';
  // It may have been given another while it started.
  if (exec.size !== undefined && exec.size !== size) {
    await child.resize(exec.size.rows, exec.size.columns);
  }
  return child;
}

/** Users and groups are looked up in the container's own files. @throws CONFLICT */
export function execProcess(
  record: ContainerRecord,
  { config, linked }: Pick<Exec, 'config' | 'linked'>,
  running: Running,
): SpecProcess {
  using files = running.inside();
  if (files === undefined) throw conflict(`container ${record.id} is not running`);
  const asked = {
    args: config.Cmd ?? [],
    env: [...linked, ...(record.config.Env ?? []), ...(config.Env ?? [])],
    user: config.User || record.config.User,
    workingDir: absolute(config.WorkingDir || record.config.WorkingDir),
    hasTerminal: config.Tty,
    isPrivileged: config.Privileged || record.hostConfig.Privileged,
  };
  return makeProcess(record, asked, readAccounts(files.descriptor));
}

/** @throws INVALID with the words of runc */
function absolute(folder: string): string {
  if (folder === '' || isAbsolute(folder)) return folder;
  throw invalid('OCI runtime exec failed: exec failed: Cwd must be an absolute path: unknown');
}

export async function watchExec(
  containers: Containers,
  exec: Exec,
  child: KeptChild,
): Promise<void> {
  const { status } = await child.wait();
  exec.exitCode = exitCodeOf(status);
  exec.state = 'ended';
  exec.child = undefined;
  const record = containers.store.get(exec.containerId);
  if (record === undefined) return;
  const more = { execID: exec.id, exitCode: String(exec.exitCode) };
  containers.tell(record, 'exec_die', more);
  forgetOldest(containers, exec);
}

function forgetOldest(containers: Containers, { containerId }: Exec): void {
  const { execs } = containers.live(containerId);
  if (execs.size <= mostEnded) return;
  const oldest = [...execs.values()].find(({ state }) => state === 'ended');
  if (oldest === undefined) return;
  execs.delete(oldest.id);
  containers.execs.delete(oldest.id);
}

export function exitCodeOf(status: ExitStatus): number {
  return 'code' in status ? status.code : 128 + (constants.signals[status.signal] ?? 0);
}
