// POST /images/…/tag: one more name, or an old one for another image.
//
// - `tagImage(graph, image, reference)`
//
// The image that had the name keeps its layers and stays, perhaps without any name.

import { invalid } from '../../engine/refusal.ts';
import type { StoredImage } from '../../libcontainer/layers.ts';
import type { Graph } from '../graph.ts';
import { familiarName, familiarText, type Reference } from '../reference.ts';

/** @throws Refusal INVALID for a name that would be read as an id */
export function tagImage(graph: Graph, image: StoredImage, reference: Reference): void {
  if (familiarName(reference) === 'sha256') {
    throw invalid('refusing to create an ambiguous tag using digest algorithm as name');
  }
  graph.database.transaction(() => {
    graph.names.set(reference, image.id);
    graph.names.noteTagged(image.id, graph.now());
  });
  graph.tell('tag', image, familiarText(reference));
}
