// GET /images/…/history: how an image came to be, the newest step first.
//
// - `historyOf(graph, image)`
//
// A step that changed files has the next layer, and its size; the others have none. A step's image
// is known only where it was made here: the image itself, and the parents that it was made from.

import type { StoredImage } from '../../libcontainer/layers.ts';
import type { Graph } from '../graph.ts';
import { familiarText } from '../reference.ts';
import { secondsOf } from './moments.ts';

export interface HistoryStep {
  readonly Comment: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Id: string;
  readonly Size: number;
  readonly Tags: readonly string[] | null;
}

export function historyOf(graph: Graph, image: StoredImage): readonly HistoryStep[] {
  let layer = 0;
  const steps = (image.config.history ?? []).map(entry => {
    const own = entry.empty_layer === true ? undefined : image.layers[layer];
    layer += entry.empty_layer === true ? 0 : 1;
    return {
      Comment: entry.comment ?? '',
      Created: secondsOf(entry.created),
      CreatedBy: entry.created_by ?? '',
      Size: own === undefined ? 0 : graph.layerSize(own),
    };
  });
  const known = knownSteps(graph, image);
  return steps.toReversed().map((step, index) => {
    const made = known[index];
    const { Comment, Created, CreatedBy, Size } = step;
    const Id = made?.id ?? '<missing>';
    return { Comment, Created, CreatedBy, Id, Size, Tags: tagsOf(graph, made) };
  });
}

/** The image of the newest step, and those of the steps before it where they are known. */
function knownSteps(graph: Graph, image: StoredImage): readonly (StoredImage | undefined)[] {
  const known: (StoredImage | undefined)[] = [];
  const seen = new Set<StoredImage>();
  const all = image.config.history?.length ?? 0;
  for (let at: StoredImage | undefined = image; at !== undefined && !seen.has(at);) {
    seen.add(at);
    known[all - (at.config.history?.length ?? 0)] = at;
    const parent = graph.names.parentOf(at.id);
    at = parent === undefined ? undefined : graph.image(parent);
  }
  return known;
}

function tagsOf(graph: Graph, image: StoredImage | undefined): readonly string[] | null {
  const names = image === undefined ? [] : graph.names.of(image.id);
  return names.length === 0 ? null : names.map(familiarText);
}
