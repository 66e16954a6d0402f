// The second process begins: with a client at its streams, or by itself.
//
// - `execStartJob`: { id, detach, … } → the conversation; undefined if it was detached
//
// Order for those who look: every byte of its output has been delivered before `Running` is false.

import { z } from 'zod';
import type { AttachedSink, KeptChild, OutputStream, Sink } from '@slipway/native';
import type { Connection } from '../../../api/connection.ts';
import { jobType } from '../../../engine/job.ts';
import { conflict, invalid, Refusal } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import type { Exec } from '../core/live.ts';
import { parseDetachKeys } from '../io/detach-keys.ts';
import { pumpInput } from '../io/input.ts';
import { openOutlet } from '../io/outlet.ts';
import type { Conversation } from '../io/attach.ts';
import { flag, maybe } from '../record/go-json.ts';
import { commandText, refuseUnlessActive, sizeOf } from './create.ts';
import { findExec } from './find.ts';
import { launchExec, watchExec } from './launch.ts';

export const execStartSchema = z.object({
  Detach: flag,
  Tty: flag,
  ConsoleSize: maybe(z.tuple([z.int().nonnegative(), z.int().nonnegative()])),
});

export interface ExecStartRequest extends z.output<typeof execStartSchema> {
  readonly id: string;
}

export const execStartJob = jobType<ExecStartRequest, Conversation | undefined>('exec_start');

export async function execStart(
  containers: Containers,
  request: ExecStartRequest,
): Promise<Conversation | undefined> {
  const exec = findExec(containers, request.id);
  claim(containers, exec);
  exec.size ??= sizeOf(request.ConsoleSize);
  if (!request.Detach) return converseWith(containers, exec, !request.Tty);
  const child = await begin(containers, exec, []).catch((error: unknown) => {
    throw asInvalid(error);
  });
  void watchExec(containers, exec, child);
  return undefined;
}

/** It runs once. @throws CONFLICT */
function claim(containers: Containers, exec: Exec): void {
  if (exec.state === 'running' || exec.state === 'starting') {
    throw conflict(`Error: Exec command ${exec.id} is already running`);
  }
  if (exec.state === 'ended') throw conflict(`Error: Exec command ${exec.id} has already run`);
  refuseUnlessActive(containers, exec.containerId);
  exec.state = 'starting';
}

async function begin(
  containers: Containers,
  exec: Exec,
  sinks: readonly Sink[],
): Promise<KeptChild> {
  const record = containers.get(exec.containerId);
  containers.tell(record, `exec_start: ${commandText(exec.config)}`, { execID: exec.id });
  try {
    return await launchExec(containers, exec, sinks);
  } catch (error) {
    exec.state = 'ended';
    exec.exitCode = 126;
    throw error;
  }
}

/** A program that is not there is the caller's mistake. */
function asInvalid(error: unknown): unknown {
  if (!(error instanceof Refusal) || error.code !== 'FAILED') return error;
  return invalid(error.message, { cause: error });
}

/** Whoever starts it says how its output comes, whether there is a terminal or not. */
function converseWith(containers: Containers, exec: Exec, isFramed: boolean): Conversation {
  return {
    hasTerminal: !isFramed,
    converse: connection => converse(containers, exec, isFramed, connection),
  };
}

async function converse(
  containers: Containers,
  exec: Exec,
  isFramed: boolean,
  connection: Connection,
): Promise<void> {
  const { config } = exec;
  using outlet = openOutlet(connection);
  const streams: OutputStream[] = [];
  if (config.AttachStdout) streams.push('stdout');
  if (config.AttachStderr && !config.Tty && isFramed) streams.push('stderr');
  const { descriptor } = outlet;
  const sink: Sink = { descriptor, streams, isFramed, atEnd: 'close' };
  let child: KeptChild;
  await connection.heard();
  try {
    child = await begin(containers, exec, streams.length > 0 ? [sink] : []);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return await complain(connection, `${reason}\r\n`, isFramed);
  }
  const ended = watchExec(containers, exec, child);
  await serve(exec, child, connection, ended);
  await outlet.flushed();
}

async function serve(
  { config }: Exec,
  child: KeptChild,
  connection: Connection,
  ended: Promise<void>,
): Promise<void> {
  const attached: AttachedSink | undefined = child.sinks[0];
  const leave = (): void => attached?.detach();
  connection.signal.addEventListener('abort', leave);
  const detachKeys = config.Tty ? parseDetachKeys(config.DetachKeys) : undefined;
  const how = { detachKeys, closes: !config.Tty };
  if (config.AttachStdin) {
    void pumpInput(connection.input, child, how).then(end => end === 'detached' && leave());
  }
  await (attached?.ended ?? ended);
  // Its end is known before the client sees the end of its output.
  if (!connection.signal.aborted && (await attached?.ended) === 'drained') await ended;
  connection.signal.removeEventListener('abort', leave);
}

/** In the way that engines before 28 tell it: as output. */
async function complain({ output }: Connection, text: string, framed: boolean): Promise<void> {
  const bytes = Buffer.from(text);
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(bytes.length, 4);
  const message = framed ? Buffer.concat([header, bytes]) : bytes;
  await new Promise<void>(resolve => output.write(message, () => resolve()));
}
