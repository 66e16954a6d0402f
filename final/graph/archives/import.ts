// `docker import`: the files of a whole root become an image of one layer.
//
// - `importImage(graph, source, wish)`: → the image

import { ownPlatform, type LayerSource, type StoredImage } from '../../libcontainer/layers.ts';
import { applyChanges } from '../changes.ts';
import type { Graph } from '../graph.ts';
import { shownConfig } from '../images/inspect.ts';
import { familiarText, type Reference } from '../reference.ts';
import { archiveRefusal } from './refusals.ts';
import { showImage, stageLayer } from './new-image.ts';

export interface ImportWish {
  readonly reference?: Reference | undefined;
  readonly changes?: readonly string[];
  readonly message: string;
  readonly platform?: { readonly os: string; readonly architecture: string } | undefined;
}

/** @throws Refusal INVALID for the archive or a change, FAILED for the disk */
export async function importImage(
  graph: Graph,
  source: LayerSource,
  wish: ImportWish,
): Promise<StoredImage> {
  const config = applyChanges(shownConfig(undefined), wish.changes ?? []);
  const created = graph.now().toISOString();
  try {
    using layer = await stageLayer(graph, source);
    const { os, architecture } = wish.platform ?? ownPlatform();
    const image = await showImage(graph, {
      layer,
      base: undefined,
      about: { architecture, os, created, comment: wish.message, config },
      history: { created, comment: wish.message },
      reference: wish.reference,
    });
    graph.tell('import', image, image.id);
    if (wish.reference !== undefined) graph.tell('tag', image, familiarText(wish.reference));
    return image;
  } catch (error) {
    throw archiveRefusal(error);
  }
}
