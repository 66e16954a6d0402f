// What takes space on this machine: the job `df`, for `docker system df`.
//
// - `dfJob`
// - `spaceOf(graph, volumes, containers, kinds, minor)`   of all kinds, or of those that are named
//
// A layer that several images have is counted once in all, and in each of them.

import { jobType } from '../../engine/job.ts';
import type { Graph } from '../../graph/graph.ts';
import { listImages } from '../../graph/images/list.ts';
import type { Volumes } from '../../volumes/volumes.ts';
import type { Containers } from '../containers/core/containers.ts';
import { list } from '../containers/show/list.ts';

export const spaceKinds = ['container', 'image', 'volume', 'build-cache'] as const;
export type SpaceKind = (typeof spaceKinds)[number];

export interface SpaceRequest {
  /** Empty: all. */
  readonly kinds: readonly SpaceKind[];
  readonly minor: number;
}

export const dfJob = jobType<SpaceRequest, Readonly<Record<string, unknown>>>('df');

export interface SpaceParts {
  readonly graph: Graph;
  readonly volumes: Volumes;
  readonly containers: Containers;
}

export async function spaceOf(
  { graph, volumes, containers }: SpaceParts,
  { kinds, minor }: SpaceRequest,
): Promise<Readonly<Record<string, unknown>>> {
  const asked = (kind: SpaceKind): boolean => kinds.length === 0 || kinds.includes(kind);
  const filters = new Map<string, readonly string[]>();
  const request = { all: true, limit: undefined, size: true, filters, minor };
  return {
    LayersSize: asked('image') ? layersSize(graph) : 0,
    Images: asked('image') ? images(graph, containers, minor) : null,
    Containers: asked('container') ? list(containers, request) : null,
    Volumes: asked('volume') ? await volumes.usage() : null,
    BuildCache: asked('build-cache') ? [] : null,
  };
}

function layersSize(graph: Graph): number {
  const layers = new Set(graph.images().flatMap(image => image.layers));
  return [...layers].reduce((sum, layer) => sum + graph.layerSize(layer), 0);
}

function images(graph: Graph, containers: Containers, minor: number): readonly unknown[] {
  const used = [...containers.all()].map(({ imageId }): string => imageId);
  return listImages(graph, { sharedSize: true, virtualSize: minor < 44 }).map(image => ({
    ...image,
    Containers: used.filter(id => id === image.Id).length,
  }));
}
