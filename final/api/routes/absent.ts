// What Docker's API has and this engine does not: each says so, in the words that its client knows.
//
// - `absentRoutes`
//
// A swarm's things answer as an engine answers that is in none: schedulers and clients ask to find
// out.

import { z } from 'zod';
import { notFound, Refusal, type RefusalCode } from '../../engine/refusal.ts';
import { filters, integer } from '../query.ts';
import { type Method, type Route, route } from '../route.ts';

const noManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect ' +
  'this node to swarm and try again.';

/** Of the cache of a build. */
const buildFilters = [
  ...[
    'label',
    'label!',
    'until',
    'id',
    'parent',
    'type',
    'description',
    'inuse',
    'shared',
    'private',
    'unused-for',
  ],
];

const swarmThings = ['services', 'nodes', 'tasks', 'secrets', 'configs'] as const;

const refuse = (method: Method, path: string, code: RefusalCode, message: string): Route =>
  route({
    method,
    path,
    job: '-',
    handle: () => Promise.reject(new Refusal(code, message)),
  });

const noSwarm = (method: Method, path: string): Route =>
  refuse(method, path, 'UNAVAILABLE', noManager);

const ofSwarm = swarmThings.flatMap(thing => [
  noSwarm('GET', `/${thing}`),
  noSwarm('GET', `/${thing}/:id`),
  noSwarm('GET', `/${thing}/:id/logs`),
  noSwarm('POST', `/${thing}/create`),
  noSwarm('POST', `/${thing}/:id/update`),
  noSwarm('DELETE', `/${thing}/:id`),
]);

/** There is none of any name. */
const noPlugin = (method: Method, path: string): Route =>
  route({
    method,
    path,
    job: '-',
    handle: ({ params: { name = '' } }) => Promise.reject(notFound(`plugin "${name}" not found`)),
  });

const ofPlugins = [
  noPlugin('GET', '/plugins/:name/json'),
  noPlugin('DELETE', '/plugins/:name'),
  ...['enable', 'disable', 'push', 'upgrade', 'set'].map(verb =>
    noPlugin('POST', `/plugins/:name/${verb}`),
  ),
];

const experimental =
  'This experimental feature is disabled by default. Start the Docker daemon in experimental ' +
  'mode in order to enable it.';

const noClusterVolume = 'volume update only valid for cluster volumes, but swarm is unavailable';

const keepStorage = 'keep-storage is in bytes and expects an integer, got %v: ';

const notBuilt = (what: string): string => `${what} is not supported by this engine`;

export const absentRoutes: readonly Route[] = [
  ...ofSwarm,
  ...ofPlugins,
  noSwarm('GET', '/swarm'),
  noSwarm('POST', '/swarm/update'),
  noSwarm('GET', '/swarm/unlockkey'),
  noSwarm('POST', '/swarm/unlock'),
  refuse('POST', '/swarm/leave', 'UNAVAILABLE', 'This node is not part of a swarm'),
  refuse('POST', '/swarm/init', 'UNSUPPORTED', notBuilt('a swarm')),
  refuse('POST', '/swarm/join', 'UNSUPPORTED', notBuilt('a swarm')),
  route({
    method: 'GET',
    path: '/plugins',
    job: '-',
    handle: () => Promise.resolve({ kind: 'json', status: 200, value: [] }),
  }),
  refuse('GET', '/plugins/privileges', 'UNSUPPORTED', notBuilt('a plugin')),
  refuse('POST', '/plugins/pull', 'UNSUPPORTED', notBuilt('a plugin')),
  refuse('POST', '/plugins/create', 'UNSUPPORTED', notBuilt('a plugin')),
  refuse('POST', '/session', 'UNSUPPORTED', notBuilt('BuildKit')),
  refuse('POST', '/grpc', 'UNSUPPORTED', notBuilt('BuildKit')),
  refuse('POST', '/build', 'UNSUPPORTED', notBuilt('building an image')),
  // Nothing is kept of builds, so there is nothing to remove.
  route({
    method: 'POST',
    path: '/build/prune',
    job: '-',
    query: z.object({
      filters: filters(buildFilters),
      'keep-storage': integer({ saying: keepStorage }),
    }),
    handle: () => {
      const value = { CachesDeleted: null, SpaceReclaimed: 0 };
      return Promise.resolve({ kind: 'json', status: 200, value });
    },
  }),
  refuse('POST', '/build/cancel', 'UNSUPPORTED', notBuilt('building an image')),
  refuse('GET', '/containers/:id/checkpoints', 'UNSUPPORTED', experimental),
  refuse('POST', '/containers/:id/checkpoints', 'UNSUPPORTED', experimental),
  refuse('DELETE', '/containers/:id/checkpoints/:checkpoint', 'UNSUPPORTED', experimental),
  refuse('PUT', '/volumes/:name', 'UNAVAILABLE', noClusterVolume),
];
