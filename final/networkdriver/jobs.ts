// The jobs about networks, and who does them.
//
// - `networkJobs`: create, list, inspect, remove, prune, connect, disconnect
// - `registerNetworkJobs(engine, networks)`: when the daemon is put together

import type { Filters } from '../api/filters.ts';
import type { Engine } from '../engine/engine.ts';
import { jobType } from '../engine/job.ts';
import type { CreateNetwork } from './network/create.ts';
import type { Networks } from './networks.ts';
import type { NetworkRecord } from './network/record.ts';
import type { AskedEndpoint } from './settings.ts';
import type { ShownNetwork } from './network/shown.ts';

/** Versions of the API differ in what a network says of itself. */
interface Saying {
  readonly minor: number;
}

export const networkJobs = {
  create: jobType<CreateNetwork, NetworkRecord>('network_create'),
  list: jobType<Saying & { readonly filters: Filters }, readonly ShownNetwork[]>('network_list'),
  inspect: jobType<Saying & { readonly network: string }, ShownNetwork>('network_inspect'),
  remove: jobType<{ readonly network: string }, void>('network_remove'),
  prune: jobType<{ readonly filters: Filters }, readonly string[]>('network_prune'),
  connect: jobType<
    { readonly network: string; readonly container: string; readonly asked: AskedEndpoint },
    void
  >('network_connect'),
  disconnect: jobType<
    { readonly network: string; readonly container: string; readonly isForced: boolean },
    void
  >('network_disconnect'),
};

export function registerNetworkJobs(engine: Engine, networks: Networks): void {
  engine.register(networkJobs.create, ({ env }) => networks.create(env));
  engine.register(networkJobs.list, ({ env }) => networks.list(env.filters, env.minor));
  engine.register(networkJobs.inspect, ({ env }) => networks.inspect(env.network, env.minor));
  engine.register(networkJobs.remove, ({ env }) => networks.remove(env.network));
  engine.register(networkJobs.prune, ({ env }) => networks.prune(env.filters));
  engine.register(networkJobs.connect, ({ env }) =>
    networks.connect(env.network, env.container, env.asked),
  );
  engine.register(networkJobs.disconnect, ({ env }) =>
    networks.disconnect(env.network, env.container, env.isForced),
  );
}
