// The jobs about volumes, and who does them.
//
// - `volumeJobs`: create, list, inspect, remove, prune
// - `registerVolumeJobs(engine, volumes)`: when the daemon is put together

import type { Filters } from '../api/filters.ts';
import type { Engine } from '../engine/engine.ts';
import { jobType } from '../engine/job.ts';
import type { CreateVolume, ShownVolume } from './shown.ts';
import type { Volumes } from './volumes.ts';

interface Pruned {
  readonly names: readonly string[];
  readonly bytes: number;
}

export const volumeJobs = {
  create: jobType<CreateVolume, ShownVolume>('volume_create'),
  list: jobType<{ readonly filters: Filters }, readonly ShownVolume[]>('volume_list'),
  inspect: jobType<{ readonly name: string }, ShownVolume>('volume_inspect'),
  remove: jobType<{ readonly name: string; readonly force: boolean }, void>('volume_remove'),
  prune: jobType<{ readonly filters: Filters }, Pruned>('volume_prune'),
};

export function registerVolumeJobs(engine: Engine, volumes: Volumes): void {
  engine.register(volumeJobs.create, ({ env }) => volumes.create(env));
  engine.register(volumeJobs.list, ({ env }) => volumes.list(env.filters));
  engine.register(volumeJobs.inspect, ({ env }) => volumes.inspect(env.name));
  engine.register(volumeJobs.remove, ({ env }) => volumes.remove(env.name, env.force));
  engine.register(volumeJobs.prune, ({ env }) => volumes.prune(env.filters));
}
