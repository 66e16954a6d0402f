// The routes about networks.
//
// Source: Docker Engine API v1.45, "Networks".

import { z } from 'zod';
import { createSchema } from '../../networkdriver/create.ts';
import { networkJobs } from '../../networkdriver/jobs.ts';
import { networkFilters } from '../../networkdriver/shown.ts';
import { askedEndpointSchema } from '../../networkdriver/settings.ts';
import { filters } from '../query.ts';
import { route, type ApiVersion, type Route } from '../route.ts';

const saysIpv4 = ({ minor }: ApiVersion): boolean => minor >= 47;

const connectSchema = z.object({
  Container: z.string(),
  EndpointConfig: askedEndpointSchema.nullish(),
});

const disconnectSchema = z.object({ Container: z.string(), Force: z.boolean().nullish() });

export const networkRoutes: readonly Route[] = [
  route({
    ...{ method: 'GET', path: '/networks', job: networkJobs.list.name },
    query: z.object({ filters: filters(networkFilters) }),
    handle: async ({ engine, query, version }) => {
      const env = { filters: query.filters, saysIpv4: saysIpv4(version) };
      const value = await engine.run(networkJobs.list, { env });
      return { kind: 'json', status: 200, value };
    },
  }),
  route({
    ...{ method: 'GET', path: '/networks/:id', job: networkJobs.inspect.name },
    handle: async ({ engine, params, version }) => {
      const { id: network = '' } = params;
      const env = { network, saysIpv4: saysIpv4(version) };
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
      const { Container: container } = body;
      const args = [network, container];
      await engine.run(networkJobs.disconnect, { args, env: { network, container } });
      return { kind: 'empty', status: 200 };
    },
  }),
];
