// The routes about networks.
//
// Source: Docker Engine API v1.45, "Networks".

import { z } from 'zod';
import { createSchema } from '../../networkdriver/network/create.ts';
import { networkJobs } from '../../networkdriver/jobs.ts';
import { networkFilters } from '../../networkdriver/network/shown.ts';
import { askedEndpointSchema } from '../../networkdriver/settings.ts';
import { invalid, notFound } from '../../engine/refusal.ts';
import { filters, text } from '../query.ts';
import { route, type Route } from '../route.ts';

/** Of a container: nothing is the name of none. */
const name = z
  .string()
  .nullish()
  .transform(value => value ?? '');

const connectSchema = z.object({
  Container: name,
  EndpointConfig: askedEndpointSchema.nullish(),
});

const disconnectSchema = z.object({ Container: name, Force: z.boolean().nullish() });

/** Clients of old write the slash. */
const lists = ['/networks', '/networks/'].map(path =>
  route({
    ...{ method: 'GET', path, job: networkJobs.list.name },
    query: z.object({ filters: filters(networkFilters) }),
    handle: async ({ engine, query, version }) => {
      const env = { filters: query.filters, minor: version.minor };
      const value = await engine.run(networkJobs.list, { env });
      return { kind: 'json', status: 200, value };
    },
  }),
);

export const networkRoutes: readonly Route[] = [
  ...lists,
  route({
    ...{ method: 'GET', path: '/networks/:id', job: networkJobs.inspect.name },
    query: z.object({ verbose: text(), scope: text() }),
    handle: async ({ engine, params, query: { verbose, scope = 'local' }, version }) => {
      const { id: network = '' } = params;
      if (
        verbose !== undefined &&
        !/^(?:[01tTfF]|true|TRUE|True|false|FALSE|False)$/.test(verbose)
      ) {
        const why = `strconv.ParseBool: parsing "${verbose}": invalid syntax`;
        throw invalid(`invalid value for verbose: ${verbose}: ${why}`);
      }
      if (scope !== 'local') throw notFound(`network ${network} not found`);
      const env = { network, minor: version.minor };
      const value = await engine.run(networkJobs.inspect, { args: [network], env });
      return { kind: 'json', status: 200, value };
    },
  }),
  route({
    ...{ method: 'POST', path: '/networks/create', job: networkJobs.create.name },
    body: createSchema,
    handle: async ({ engine, body }) => {
      const { id } = await engine.run(networkJobs.create, { args: [body.Name], env: body });
      return { kind: 'json', status: 201, value: { Id: id, Warning: '' } };
    },
  }),
  route({
    ...{ method: 'DELETE', path: '/networks/:id', job: networkJobs.remove.name },
    handle: async ({ engine, params }) => {
      const { id: network = '' } = params;
      await engine.run(networkJobs.remove, { args: [network], env: { network } });
      return { kind: 'empty', status: 204 };
    },
  }),
  route({
    ...{ method: 'POST', path: '/networks/prune', job: networkJobs.prune.name },
    query: z.object({ filters: filters(['label', 'label!', 'until']) }),
    handle: async ({ engine, query }) => {
      const names = await engine.run(networkJobs.prune, { env: query });
      const value = { NetworksDeleted: names.length === 0 ? null : names };
      return { kind: 'json', status: 200, value };
    },
  }),
  route({
    ...{ method: 'POST', path: '/networks/:id/connect', job: networkJobs.connect.name },
    body: connectSchema,
    handle: async ({ engine, params, body }) => {
      const { id: network = '' } = params;
      const { Container: container, EndpointConfig } = body;
      const asked = EndpointConfig ?? askedEndpointSchema.parse({});
      const args = [network, container];
      await engine.run(networkJobs.connect, { args, env: { network, container, asked } });
      return { kind: 'empty', status: 200 };
    },
  }),
  route({
    ...{ method: 'POST', path: '/networks/:id/disconnect', job: networkJobs.disconnect.name },
    body: disconnectSchema,
    handle: async ({ engine, params, body }) => {
      const { id: network = '' } = params;
      const { Container: container, Force } = body;
      const env = { network, container, isForced: Force ?? false };
      await engine.run(networkJobs.disconnect, { args: [network, container], env });
      return { kind: 'empty', status: 200 };
    },
  }),
];
