// POST /images/prune: what nobody needs.
//
// - `pruneImages(graph, filters)`: without names, or (`dangling=false`) all that no container uses
// - `pruneFilters`
//
// A named image is removed name by name; what speaks against one leaves it where it is.

import { boolean, hasLabels, valuesOf, type Filters } from '../../api/filters.ts';
import { Refusal } from '../../engine/refusal.ts';
import type { StoredImage } from '../../libcontainer/layers.ts';
import type { Graph } from '../graph.ts';
import { familiarText } from '../reference.ts';
import { untilOf } from './list.ts';
import { nanosecondsOf } from './moments.ts';
import { removeImage, type Removed } from './remove.ts';

export const pruneFilters = ['dangling', 'label', 'label!', 'until'];

export interface Pruned {
  readonly ImagesDeleted: readonly Removed[] | null;
  readonly SpaceReclaimed: number;
}

/** @throws Refusal INVALID */
export function pruneImages(graph: Graph, filters: Filters): Pruned {
  const onlyDangling = boolean(filters, 'dangling') ?? true;
  const until = untilOf(filters, graph.now());
  const isWanted = ({ id, config }: StoredImage): boolean => {
    const labels = config.config?.Labels ?? {};
    return (
      hasLabels(filters, 'label', labels) &&
      !valuesOf(filters, 'label!').some(one =>
        hasLabels(new Map([['label', [one]]]), 'label', labels),
      ) &&
      until.every(time => nanosecondsOf(config.created) < time) &&
      graph.usersOf(id).length === 0
    );
  };
  const removed: Removed[] = [];
  const before = layerSizes(graph);
  for (const image of graph.images().filter(isWanted)) {
    const names = graph.names.of(image.id);
    if (onlyDangling ? names.length > 0 : false) continue;
    if (graph.names.childrenOf(image.id).length > 0) continue;
    const words = names.length === 0 ? [image.id] : names.map(familiarText);
    for (const word of words) removed.push(...unlessRefused(() => removeImage(graph, word)));
  }
  const after = layerSizes(graph);
  const gone = [...before].filter(([layer]) => !after.has(layer));
  const SpaceReclaimed = gone.reduce((sum, [, bytes]) => sum + bytes, 0);
  return { ImagesDeleted: removed.length === 0 ? null : removed, SpaceReclaimed };
}

function unlessRefused(act: () => readonly Removed[]): readonly Removed[] {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}

function layerSizes(graph: Graph): ReadonlyMap<string, number> {
  const layers = graph.images().flatMap(image => image.layers);
  return new Map(layers.map(layer => [layer, graph.layerSize(layer)]));
}
