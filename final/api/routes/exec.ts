// The routes of a second process in a container.
//
// - `execRoutes`: make, start, inspect, resize
//
// Source: Docker Engine API v1.45, "Exec".

import { z } from 'zod';
import { execConfigSchema } from '../../daemon/containers/exec/config.ts';
import { execCreateJob } from '../../daemon/containers/exec/create.ts';
import { execInspectJob, execResizeJob } from '../../daemon/containers/exec/inspect.ts';
import { execStartJob, execStartSchema } from '../../daemon/containers/exec/start.ts';
import { requiredInteger } from '../query.ts';
import { route, type Route } from '../route.ts';
import { referenceOf } from './containers.ts';
import { streamType } from './containers-streams.ts';

const create = route({
  method: 'POST',
  path: '/containers/:id/exec',
  job: execCreateJob.name,
  body: execConfigSchema,
  handle: async ({ engine, params, body }) => {
    const env = { reference: referenceOf(params), config: body };
    const id = await engine.run(execCreateJob, { args: [env.reference], env });
    return { kind: 'json', status: 201, value: { Id: id } };
  },
});

const start = route({
  method: 'POST',
  path: '/exec/:id/start',
  job: execStartJob.name,
  hijack: true,
  body: execStartSchema,
  handle: async ({ engine, params, body, version }) => {
    const env = { ...body, id: params['id'] ?? '' };
    const conversation = await engine.run(execStartJob, { args: [env.id], env });
    if (conversation === undefined) return { kind: 'empty', status: 200 };
    const { hasTerminal, converse } = conversation;
    return { kind: 'hijack', type: streamType(hasTerminal, version), converse };
  },
});

const inspect = route({
  method: 'GET',
  path: '/exec/:id/json',
  job: execInspectJob.name,
  handle: async ({ engine, params }) => {
    const env = { id: params['id'] ?? '' };
    const value = await engine.run(execInspectJob, { args: [env.id], env });
    return { kind: 'json', status: 200, value };
  },
});

const resize = route({
  method: 'POST',
  path: '/exec/:id/resize',
  job: execResizeJob.name,
  query: z.object({ h: requiredInteger(), w: requiredInteger() }),
  handle: async ({ engine, params, query: { h, w } }) => {
    const env = { id: params['id'] ?? '', rows: h, columns: w };
    await engine.run(execResizeJob, { args: [env.id], env });
    return { kind: 'empty', status: 200 };
  },
});

export const execRoutes: readonly Route[] = [create, start, inspect, resize];
