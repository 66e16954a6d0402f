// The routes of containers that go on: what they say, what they use, and their end.
//
// - `containersStreams`: attach, logs, stats, wait
//
// Headers go out before the first of it: a client may start the container only when it has them.

import { z } from 'zod';
import { attachJob } from '../../daemon/containers/io/attach.ts';
import { logsJob } from '../../daemon/containers/logs/logs.ts';
import { statsJob } from '../../daemon/containers/show/stats.ts';
import { waitJob, type Waiting } from '../../daemon/containers/verbs/wait.ts';
import { flag, flagOr, moment, text } from '../query.ts';
import { route, type ApiVersion, type Route } from '../route.ts';
import { referenceOf } from './containers.ts';

const raw = 'application/vnd.docker.raw-stream';

/** What a stream is announced as; before 1.42 all of them as raw. */
export function streamType(hasTerminal: boolean, { minor }: ApiVersion): string {
  return hasTerminal || minor < 42 ? raw : 'application/vnd.docker.multiplexed-stream';
}

const attach = route({
  method: 'POST',
  path: '/containers/:id/attach',
  job: attachJob.name,
  hijack: true,
  refusals: 'raw',
  query: z.object({
    ...{ detachKeys: text(), logs: flag(), stream: flag() },
    ...{ stdin: flag(), stdout: flag(), stderr: flag() },
  }),
  handle: async ({ engine, params, query, signal, version }) => {
    const env = { reference: referenceOf(params), ...query, signal };
    const { hasTerminal, converse } = await engine.run(attachJob, { args: [env.reference], env });
    return { kind: 'hijack', type: streamType(hasTerminal, version), converse };
  },
});

const attachWebSocket = route({
  method: 'GET',
  path: '/containers/:id/attach/ws',
  job: attachJob.name,
  hijack: true,
  query: z.object({
    ...{ detachKeys: text(), logs: flag(), stream: flag() },
    ...{ stdin: flag(), stdout: flag(), stderr: flag() },
  }),
  handle: async ({ engine, params, query, signal, version: { minor } }) => {
    // Before 1.42 all streams were meant.
    const streams = minor < 42 ? { stdin: true, stdout: true, stderr: true } : {};
    const env = { reference: referenceOf(params), ...query, ...streams, isBare: true, signal };
    const { converse } = await engine.run(attachJob, { args: [env.reference], env });
    return { kind: 'hijack', type: raw, webSocket: minor < 28 ? 'text' : 'binary', converse };
  },
});

const logs = route({
  method: 'GET',
  path: '/containers/:id/logs',
  job: logsJob.name,
  query: z.object({
    ...{ follow: flag(), stdout: flag(), stderr: flag(), timestamps: flag(), details: flag() },
    ...{ since: moment(), until: moment(), tail: text() },
  }),
  handle: async ({ engine, params, query, signal, version }) => {
    const env = { reference: referenceOf(params), ...query, signal };
    const { hasTerminal, pieces } = await engine.run(logsJob, { args: [env.reference], env });
    return { kind: 'stream', type: streamType(hasTerminal, version), chunks: pieces };
  },
});

const stats = route({
  method: 'GET',
  path: '/containers/:id/stats',
  job: statsJob.name,
  query: z.object({ stream: flagOr(true), 'one-shot': flag() }),
  handle: async ({ engine, params, query, signal, version: { minor } }) => {
    const oneShot = minor >= 41 && query['one-shot'] && !query.stream;
    const env = { reference: referenceOf(params), stream: query.stream, oneShot, signal };
    const chunks = await engine.run(statsJob, { args: [env.reference], env });
    return { kind: 'stream', type: 'application/json', chunks };
  },
});

const wait = route({
  method: 'POST',
  path: '/containers/:id/wait',
  job: waitJob.name,
  query: z.object({ condition: text() }),
  handle: async ({ engine, params, query, signal, version: { minor } }) => {
    // Before 1.30 there were no conditions, and no answer before the end.
    const condition = minor < 30 ? undefined : query.condition;
    const env = { reference: referenceOf(params), condition, signal };
    const waiting = await engine.run(waitJob, { args: [env.reference], env });
    if (minor < 30) await waiting.ended;
    return { kind: 'stream', type: 'application/json', chunks: endOf(waiting) };
  },
});

async function* endOf({ ended }: Waiting): AsyncGenerator<string> {
  const notice = await ended;
  if (notice === undefined) return;
  const failure = notice.error ? { Message: notice.error } : null;
  yield `${JSON.stringify({ StatusCode: notice.exitCode, ...(failure && { Error: failure }) })}\n`;
}

export const containersStreams: readonly Route[] = [attach, attachWebSocket, logs, stats, wait];
