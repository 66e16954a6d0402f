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
  const late = `Health check exceeded timeout (${timeoutMs / 1000}s)`;
  return { exitCode: isLate ? -1 : (exec.exitCode ?? -1), output: isLate ? late : output };
}
