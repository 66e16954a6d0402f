// The routes about volumes.
//
// Source: Docker Engine API v1.45, "Volumes".

import { z } from 'zod';
import { volumeJobs } from '../../volumes/jobs.ts';
import { createVolumeSchema } from '../../volumes/shown.ts';
import { filters, flag } from '../query.ts';
import { route, type ApiVersion, type Route } from '../route.ts';

/** Before version 1.42 a prune took those with a name, too. */
const spareNamed = ({ minor }: ApiVersion): boolean => minor >= 42;

export const volumeRoutes: readonly Route[] = [
  route({
    ...{ method: 'GET', path: '/volumes', job: volumeJobs.list.name },
    query: z.object({ filters: filters(['dangling', 'driver', 'label', 'name']) }),
    handle: async ({ engine, query }) => {
      const Volumes = await engine.run(volumeJobs.list, { env: query });
      return { kind: 'json', status: 200, value: { Volumes, Warnings: null } };
    },
  }),
  route({
    ...{ method: 'GET', path: '/volumes/:name', job: volumeJobs.inspect.name },
    handle: async ({ engine, params }) => {
      const { name = '' } = params;
      const value = await engine.run(volumeJobs.inspect, { args: [name], env: { name } });
      return { kind: 'json', status: 200, value };
    },
  }),
  route({
    ...{ method: 'POST', path: '/volumes/create', job: volumeJobs.create.name },
    body: createVolumeSchema.nullish().transform(body => body ?? createVolumeSchema.parse({})),
    handle: async ({ engine, body }) => {
      const value = await engine.run(volumeJobs.create, { args: [body.Name], env: body });
      return { kind: 'json', status: 201, value };
    },
  }),
  route({
    ...{ method: 'DELETE', path: '/volumes/:name', job: volumeJobs.remove.name },
    query: z.object({ force: flag() }),
    handle: async ({ engine, params, query }) => {
      const { name = '' } = params;
      const env = { name, force: query.force };
      await engine.run(volumeJobs.remove, { args: [name], env });
      return { kind: 'empty', status: 204 };
    },
  }),
  route({
    ...{ method: 'POST', path: '/volumes/prune', job: volumeJobs.prune.name },
    query: z.object({ filters: filters(['all', 'label', 'label!']) }),
    handle: async ({ engine, query, version }) => {
      const wanted = spareNamed(version)
        ? query.filters
        : new Map([...query.filters, ['all', ['true']] as const]);
      const { names, bytes } = await engine.run(volumeJobs.prune, { env: { filters: wanted } });
      const value = { VolumesDeleted: names, SpaceReclaimed: bytes };
      return { kind: 'json', status: 200, value };
    },
  }),
];
