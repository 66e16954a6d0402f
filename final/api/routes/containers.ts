// The routes of containers that answer and are done.
//
// - `containersRoutes`: create, list, inspect, and every verb that changes one
//
// Streams (attach, logs, stats, wait) are in containers-streams.ts, archives in archives.ts.
// Source: Docker Engine API v1.45, "Container".

import { z } from 'zod';
import { updateSchema } from '../../daemon/containers/record/host-config.ts';
import { startJob } from '../../daemon/containers/run/start.ts';
import { psFilters } from '../../daemon/containers/show/choose.ts';
import { inspectJob } from '../../daemon/containers/show/inspect.ts';
import { listJob } from '../../daemon/containers/show/list.ts';
import { topJob } from '../../daemon/containers/show/top.ts';
import { killJob } from '../../daemon/containers/verbs/kill.ts';
import { pauseJob, unpauseJob } from '../../daemon/containers/verbs/pause.ts';
import { pruneFilters, pruneJob } from '../../daemon/containers/verbs/prune.ts';
import { removeJob } from '../../daemon/containers/verbs/remove.ts';
import { renameJob } from '../../daemon/containers/verbs/rename.ts';
import { resizeJob } from '../../daemon/containers/verbs/resize.ts';
import { restartJob } from '../../daemon/containers/verbs/restart.ts';
import { stopJob } from '../../daemon/containers/verbs/stop.ts';
import { updateJob } from '../../daemon/containers/verbs/update.ts';
import { invalid, Refusal } from '../../engine/refusal.ts';
import { filters, flag, integer, requiredInteger, text } from '../query.ts';
import { route, type Answer, type Route } from '../route.ts';
import { create } from './create.ts';

const done: Answer = { kind: 'empty', status: 204 };

/** `:id` of a path. @throws INVALID for nothing, or blanks */
export function referenceOf(params: Readonly<Record<string, string>>): string {
  const reference = params['id'] ?? '';
  if (reference.trim() === '') throw invalid('invalid container name or ID: value is empty');
  return reference;
}

const list = route({
  method: 'GET',
  path: '/containers/json',
  job: listJob.name,
  query: z.object({ all: flag(), limit: integer(), size: flag(), filters: filters(psFilters) }),
  handle: async ({ engine, query, version: { minor } }) => {
    const value = await engine.run(listJob, { env: { ...query, minor } });
    return { kind: 'json', status: 200, value };
  },
});

const inspect = route({
  method: 'GET',
  path: '/containers/:id/json',
  job: inspectJob.name,
  query: z.object({ size: flag() }),
  handle: async ({ engine, params, query: { size }, version: { minor } }) => {
    const env = { reference: referenceOf(params), size, minor };
    const value = await engine.run(inspectJob, { args: [env.reference], env });
    return { kind: 'json', status: 200, value };
  },
});

const top = route({
  method: 'GET',
  path: '/containers/:id/top',
  job: topJob.name,
  query: z.object({ ps_args: text() }),
  handle: async ({ engine, params, query }) => {
    const env = { reference: referenceOf(params), args: query.ps_args };
    const value = await engine.run(topJob, { args: [env.reference], env });
    return { kind: 'json', status: 200, value };
  },
});

/** What is only told to do something. */
function verb(path: string, job: typeof startJob): Route {
  return route({
    method: 'POST',
    path: `/containers/:id/${path}`,
    job: job.name,
    handle: async ({ engine, params }) => {
      const env = { reference: referenceOf(params) };
      await engine.run(job, { args: [env.reference], env });
      return done;
    },
  });
}

const start = route({
  method: 'POST',
  path: '/containers/:id/start',
  job: startJob.name,
  query: z.object({ checkpoint: text(), 'checkpoint-dir': text() }),
  handle: async ({ engine, params, query, headers }) => {
    const reference = referenceOf(params);
    if (Number(headers['content-length'] ?? 0) > 7) {
      throw invalid(
        'starting container with non-empty request body was deprecated since API v1.22 and ' +
          'removed in v1.24',
      );
    }
    if (query.checkpoint !== undefined) {
      throw invalid('checkpoint is only supported in experimental mode');
    }
    if (query['checkpoint-dir'] !== undefined) {
      throw new Refusal('FORBIDDEN', 'custom checkpointdir is not supported');
    }
    await engine.run(startJob, { args: [reference], env: { reference } });
    return done;
  },
});

function ending(path: string, job: typeof stopJob): Route {
  return route({
    method: 'POST',
    path: `/containers/:id/${path}`,
    job: job.name,
    query: z.object({ t: integer(), signal: text() }),
    handle: async ({ engine, params, query: { t, signal }, version: { minor } }) => {
      const named = minor < 42 ? undefined : signal;
      const env = { reference: referenceOf(params), timeoutS: t, signal: named };
      await engine.run(job, { args: [env.reference], env });
      return done;
    },
  });
}

const kill = route({
  method: 'POST',
  path: '/containers/:id/kill',
  job: killJob.name,
  query: z.object({ signal: text() }),
  handle: async ({ engine, params, query: { signal } }) => {
    const env = { reference: referenceOf(params), signal };
    await engine.run(killJob, { args: [env.reference], env });
    return done;
  },
});

const rename = route({
  method: 'POST',
  path: '/containers/:id/rename',
  job: renameJob.name,
  query: z.object({ name: text() }),
  handle: async ({ engine, params, query: { name } }) => {
    const env = { reference: referenceOf(params), name };
    await engine.run(renameJob, { args: [env.reference, name ?? ''], env });
    return done;
  },
});

const remove = route({
  method: 'DELETE',
  path: '/containers/:id',
  job: removeJob.name,
  query: z.object({ force: flag(), v: flag(), link: flag() }),
  handle: async ({ engine, params, query: { force, v, link } }) => {
    const env = { reference: referenceOf(params), force, withVolumes: v, link };
    await engine.run(removeJob, { args: [env.reference], env });
    return done;
  },
});

const resize = route({
  method: 'POST',
  path: '/containers/:id/resize',
  job: resizeJob.name,
  query: z.object({ h: requiredInteger(), w: requiredInteger() }),
  handle: async ({ engine, params, query: { h, w } }) => {
    const env = { reference: referenceOf(params), rows: h, columns: w };
    await engine.run(resizeJob, { args: [env.reference], env });
    return { kind: 'empty', status: 200 };
  },
});

const update = route({
  method: 'POST',
  path: '/containers/:id/update',
  job: updateJob.name,
  body: updateSchema,
  handle: async ({ engine, params, body, version: { minor } }) => {
    const { PidsLimit, KernelMemory, ...rest } = body;
    const limits = {
      // Not more than none is without a limit.
      PidsLimit: minor < 40 || PidsLimit === null ? null : Math.max(PidsLimit, 0),
      KernelMemory: minor < 42 ? KernelMemory : undefined,
    };
    const env = { reference: referenceOf(params), update: { ...rest, ...limits } };
    const warnings = await engine.run(updateJob, { args: [env.reference], env });
    const value = { Warnings: warnings.length > 0 ? warnings : null };
    return { kind: 'json', status: 200, value };
  },
});

const prune = route({
  method: 'POST',
  path: '/containers/prune',
  job: pruneJob.name,
  query: z.object({ filters: filters(pruneFilters) }),
  handle: async ({ engine, query }) => {
    const { ids, bytes } = await engine.run(pruneJob, { env: query });
    const value = { ContainersDeleted: ids.length > 0 ? ids : null, SpaceReclaimed: bytes };
    return { kind: 'json', status: 200, value };
  },
});

export const containersRoutes: readonly Route[] = [
  ...[create, list, prune, inspect, top, start, kill, rename, remove, resize, update],
  ...[ending('stop', stopJob), ending('restart', restartJob)],
  ...[verb('pause', pauseJob), verb('unpause', unpauseJob)],
];
