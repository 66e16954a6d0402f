// What is no part of Docker's API, and only our own client asks: everything below /slipway.
//
//     GET  /slipway/jobs                       what is being worked on
//     GET  /slipway/graph                      names, links and images: lines of a tree
//     POST /slipway/images/init                busybox:latest, made again
//     POST /slipway/explain                    a create request → the program of its start
//     GET  /slipway/containers/{id}/explain    the program of its last start, with times
//     POST /slipway/containers/{id}/explain    an exec request → its program
//
// - `slipwayRoutes`
//
// A program is a list of `{ call, code, why, microseconds }`: the step, the system call as it is
// written, what it is for, and how long it took if it was made. These paths have no promise: they
// change with the client that lies beside them.

import { z } from 'zod';
import { execConfigSchema } from '../../daemon/containers/exec/config.ts';
import { explainExecJob, explainJob, explainRunJob } from '../../daemon/containers/show/explain.ts';
import { jobsJob } from '../../daemon/system/jobs.ts';
import type { JobType } from '../../engine/job.ts';
import { imageJobs } from '../../graph/jobs.ts';
import { text } from '../query.ts';
import { route, type Answer, type Route } from '../route.ts';
import { referenceOf } from './containers.ts';
import { createBody, createRequest } from './create.ts';

const json = (value: unknown): Answer => ({ kind: 'json', status: 200, value });

/** A job that is asked for nothing. */
const facts = (method: 'GET' | 'POST', path: string, job: JobType<undefined, unknown>): Route =>
  route({
    method,
    path,
    job: job.name,
    handle: async ({ engine }) => json(await engine.run(job, { env: undefined })),
  });

const explained = route({
  method: 'GET',
  path: '/slipway/containers/:id/explain',
  job: explainJob.name,
  handle: async ({ engine, params }) => {
    const env = { reference: referenceOf(params) };
    return json(await engine.run(explainJob, { args: [env.reference], env }));
  },
});

const explainedRun = route({
  method: 'POST',
  path: '/slipway/explain',
  job: explainRunJob.name,
  query: z.object({ name: text(), platform: text() }),
  body: createBody,
  handle: async ({ engine, query, body, version: { minor } }) =>
    json(await engine.run(explainRunJob, { env: createRequest(query, body, minor) })),
});

const explainedExec = route({
  method: 'POST',
  path: '/slipway/containers/:id/explain',
  job: explainExecJob.name,
  body: execConfigSchema,
  handle: async ({ engine, params, body }) => {
    const env = { reference: referenceOf(params), config: body };
    return json(await engine.run(explainExecJob, { args: [env.reference], env }));
  },
});

export const slipwayRoutes: readonly Route[] = [
  facts('GET', '/slipway/jobs', jobsJob),
  facts('GET', '/slipway/graph', imageJobs.graph),
  facts('POST', '/slipway/images/init', imageJobs.init),
  ...[explained, explainedRun, explainedExec],
];
