// A container's streams and ours, from before its start to its end.
//
// - `runJoined(context, id, how)`   attaches, waits, starts; the container's exit status
// - `forwardSignals(context, id)`   ours become its own, as long as this is not disposed of

import { z } from 'zod';
import type { Context } from '../../command.ts';
import { exitStatusOfStart, Failure } from '../../failure.ts';
import { converse, type Ending } from '../../streams/conversation.ts';
import { rawTerminal } from '../../streams/raw-terminal.ts';

export interface JoinHow {
  readonly streams: ReadonlySet<string>;
  readonly isTerminal: boolean;
  readonly isRemoved: boolean;
  readonly forwards: boolean;
  readonly start: () => Promise<void>;
  readonly detachKeys?: string | undefined;
}

const ended = z.object({
  StatusCode: z.number(),
  Error: z.object({ Message: z.string() }).nullish(),
});

export async function runJoined(context: Context, id: string, how: JoinHow): Promise<number> {
  const { api, out, err } = context;
  const { streams, isTerminal, isRemoved, forwards, detachKeys } = how;
  const condition = isRemoved ? 'removed' : 'next-exit';
  const waited = api.stream({
    method: 'POST',
    path: `/containers/${id}/wait`,
    query: { condition },
  });
  // Whoever cannot attach does not ask for the end.
  waited.catch(() => undefined);
  const connection = await api.hijack({
    method: 'POST',
    path: `/containers/${id}/attach`,
    query: {
      stream: true,
      stdin: streams.has('stdin'),
      stdout: streams.has('stdout'),
      stderr: streams.has('stderr'),
      detachKeys,
    },
  });
  const waiting = await waited;
  const input = streams.has('stdin') ? process.stdin : undefined;
  await how.start();
  using forwarded = new DisposableStack();
  if (forwards && !isTerminal) forwarded.use(forwardSignals(context, id));
  if (isTerminal) {
    const resize = (h: number, w: number): void => {
      void api
        .json({ method: 'POST', path: `/containers/${id}/resize`, query: { h, w } })
        .catch(() => undefined);
    };
    if (out.isTTY) forwarded.use(rawTerminal(resize));
  }
  const streamsEnd = converse(connection, { isTerminal, input, out, err, detachKeys });
  const status = readStatus(waiting);
  await Promise.race([streamsEnd, status]);
  return await Promise.race([status, afterStreams(streamsEnd, status)]);
}

/** The user has left it, or it has ended: then its status is about to come. */
async function afterStreams(streams: Promise<Ending>, status: Promise<number>): Promise<number> {
  if ((await streams) === 'detached') return 0;
  const patience = new Promise<number>(resolve => setTimeout(() => resolve(0), 10_000).unref());
  return Promise.race([status, patience]);
}

async function readStatus(waiting: AsyncIterable<Buffer>): Promise<number> {
  const pieces: Buffer[] = [];
  for await (const piece of waiting) pieces.push(piece);
  const { StatusCode, Error: error } = ended.parse(JSON.parse(Buffer.concat(pieces).toString()));
  if (error) throw new Failure(error.Message, 125);
  return StatusCode;
}

export async function startOrFail({ api }: Context, id: string): Promise<void> {
  try {
    await api.json({ method: 'POST', path: `/containers/${id}/start` });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.message, exitStatusOfStart(error.message));
  }
}

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

export function forwardSignals({ api }: Context, id: string): Disposable {
  const pass = (signal: NodeJS.Signals): void => {
    void api
      .json({ method: 'POST', path: `/containers/${id}/kill`, query: { signal } })
      .catch(() => undefined);
  };
  for (const signal of passedOn) process.on(signal, pass);
  return {
    [Symbol.dispose]: () => {
      for (const signal of passedOn) process.off(signal, pass);
    },
  };
}
