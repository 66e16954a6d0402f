// The part of volumes.
//
// - `openVolumes(common, containers)`

import { join } from 'node:path';
import { volumeRoutes } from '../../api/routes/volumes.ts';
import { registerVolumeJobs } from '../../volumes/jobs.ts';
import type { ContainersWithMounts } from '../../volumes/mounting.ts';
import { Volumes } from '../../volumes/volumes.ts';
import type { Common, Part } from './part.ts';

export interface VolumesPart extends Part {
  readonly volumes: Volumes;
}

export function openVolumes(common: Common, containers: ContainersWithMounts): VolumesPart {
  const { settings, engine, events, database, logger } = common;
  const root = join(settings()['data-root'], 'volumes');
  const volumes = Volumes.open({
    ...{ root, database, containers, events },
    warn: message => logger.warn(message),
  });
  registerVolumeJobs(engine, volumes);
  return { volumes, routes: volumeRoutes };
}
