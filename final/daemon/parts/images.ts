// The part of images: the graph on the chosen driver, its jobs and routes.
//
// - `openImages(common, containers)`   `containers` are opened later: they are asked, not held

import { join } from 'node:path';
import { imagesRoutes } from '../../api/routes/images.ts';
import { Graph, type GraphOptions } from '../../graph/graph.ts';
import { type CommitSource, registerImageJobs } from '../../graph/jobs.ts';
import { chooseDriver } from '../../graphdriver/driver.ts';
import { graphDrivers } from '../../graphdriver/drivers.ts';
import { registerRegistryJobs } from '../../registry/jobs.ts';
import type { Common, Part } from './part.ts';

export interface ImagesPart extends Part {
  readonly graph: Graph;
}

/** How images find the containers that were made from them. */
export interface ContainersOfImages extends CommitSource {
  readonly usersOf: NonNullable<GraphOptions['usersOf']>;
}

export function openImages(common: Common, containers: ContainersOfImages): ImagesPart {
  const { settings, environment, engine, events, database, logger } = common;
  const root = join(settings()['data-root'], 'graph');
  const name = settings()['storage-driver'];
  const log = (message: string): void => logger.warn(message);
  const graph = new Graph({
    root,
    database,
    driver: chooseDriver(graphDrivers, { root, name, env: environment }),
    log,
    onEvent: (action, { id, config }, named) => {
      events.emit('image', action, id, { ...config.config?.Labels, name: named });
    },
    usersOf: id => containers.usersOf(id),
  });
  registerImageJobs(engine, graph, { containers });
  registerRegistryJobs(engine, graph);
  const info = () => ({
    Images: graph.images().length,
    Driver: graph.driver.name,
    DriverStatus: [['Root Dir', root]],
  });
  return { graph, routes: imagesRoutes, info };
}
