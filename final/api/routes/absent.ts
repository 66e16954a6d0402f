// What Docker's API has and this engine does not: each says so, in the words that its client knows.
//
// - `absentRoutes`
//
// A swarm's things answer as an engine answers that is in none: schedulers and clients ask to find
// out.

import { Refusal, type RefusalCode } from '../../engine/refusal.ts';
import { type Method, type Route, route } from '../route.ts';

const noManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect ' +
  'this node to swarm and try again.';

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

const notBuilt = (what: string): string => `${what} is not supported by this engine`;

export const absentRoutes: readonly Route[] = [
  ...ofSwarm,
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
  refuse('POST', '/auth', 'UNSUPPORTED', notBuilt('logging in to a registry')),
  refuse('POST', '/session', 'UNSUPPORTED', notBuilt('BuildKit')),
  refuse('POST', '/grpc', 'UNSUPPORTED', notBuilt('BuildKit')),
  refuse('POST', '/build', 'UNSUPPORTED', notBuilt('building an image')),
  // Nothing is kept of builds, so there is nothing to remove.
  route({
    method: 'POST',
    path: '/build/prune',
    job: '-',
    handle: () => {
      const value = { CachesDeleted: null, SpaceReclaimed: 0 };
      return Promise.resolve({ kind: 'json', status: 200, value });
    },
  }),
  refuse('GET', '/containers/:id/checkpoints', 'UNSUPPORTED', notBuilt('a checkpoint')),
  refuse('POST', '/containers/:id/checkpoints', 'UNSUPPORTED', notBuilt('a checkpoint')),
];
