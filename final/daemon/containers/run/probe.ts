// One question after a container's health: a program inside, and what it says.
//
// - `probe(containers, id, command, timeoutMs)`: as `Health.Log` keeps it
//
// What cannot be run, or does not end in time, is a failure like any other.

import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sink } from '@slipway/native';
import type { Containers } from '../core/containers.ts';
import { commandText, execCreate } from '../exec/create.ts';
import { launchExec, watchExec } from '../exec/launch.ts';
import { execConfigSchema } from '../exec/config.ts';
import { findExec } from '../exec/find.ts';
import type { ContainerId } from '../record/record.ts';
import type { Health } from '../record/state.ts';

export type Answer = Health['log'][number];

const mostBytes = 4096;

export async function probe(
  containers: Containers,
  id: ContainerId,
  command: readonly string[],
  timeoutMs: number,
): Promise<Answer> {
  const start = containers.timeNow();
  const { exitCode, output } = await ask(containers, id, command, timeoutMs).catch(
    (error: unknown) => ({
      exitCode: -1,
      output: error instanceof Error ? error.message : String(error),
    }),
  );
  return { Start: start, End: containers.timeNow(), ExitCode: exitCode, Output: output };
}

async function ask(
  containers: Containers,
  id: ContainerId,
  command: readonly string[],
  timeoutMs: number,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(containers.execFolderOf(id), 'probe-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const file = stack.use(await open(join(folder, 'output'), 'w+'));
  const config = execConfigSchema.parse({ Cmd: command, AttachStdout: true, AttachStderr: true });
  const exec = findExec(containers, execCreate(containers, { reference: id, config }));
  exec.state = 'starting';
  const record = containers.get(id);
  containers.tell(record, `exec_start: ${commandText(config)}`, { execID: exec.id });
  const sink: Sink = { descriptor: file.fd, isFramed: false, atEnd: 'close' };
  const child = await launchExec(containers, exec, [sink]);
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  await watchExec(containers, exec, child).finally(() => clearTimeout(timer));
  const output = (await readFile(join(folder, 'output'), 'utf8')).slice(0, mostBytes);
  const isLate = exec.exitCode === 137;
  const said = output === '' ? '' : `: ${output}`;
  const late = `Health check exceeded timeout (${durationText(timeoutMs)})${said}`;
  return { exitCode: isLate ? -1 : (exec.exitCode ?? -1), output: isLate ? late : output };
}

/** As Docker writes a duration: `200ms`, `1.5s`, `1m30s`, `1h0m0s`. */
export function durationText(ms: number): string {
  if (ms < 1) return `${ms * 1000}µs`;
  if (ms < 1000) return `${ms}ms`;
  const seconds = ms / 1000;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = Number((seconds % 60).toFixed(9));
  const large = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : '';
  return `${large}${rest}s`;
}
