// `docker commit`: what a container has written becomes a layer, and with it an image.
//
// - `commitContainer(graph, wish)`: → the image
//
// The container's own layer is read, hashed and unpacked in one pass. Whether the container stands
// still meanwhile is the caller's to see to. A container that has written nothing adds no layer.

import { mergeConfig } from '../changes/merge.ts';
import type { Config } from '../../daemon/containers/record/config.ts';
import { ownPlatform, type StoredImage } from '../../libcontainer/layers.ts';
import { failpoint } from '../../engine/failpoints.ts';
import { applyChanges } from '../changes.ts';
import type { Graph } from '../graph.ts';
import { noSuchImage } from '../images/find.ts';
import { familiarText, type Reference } from '../reference.ts';
import { archiveRefusal } from './refusals.ts';
import { showImage, stageLayer } from './new-image.ts';

export interface CommitWish {
  readonly container: string;
  /** The id of the image that it was made from. */
  readonly image: string;
  readonly config: Config;
  /** In place of the container's, which fills up what it does not say. */
  readonly newConfig?: Config | undefined;
  readonly reference?: Reference | undefined;
  readonly author?: string | undefined;
  readonly message?: string | undefined;
  readonly changes?: readonly string[];
}

/** @throws Refusal NOT_FOUND if the image is gone, INVALID for a change, FAILED for the disk */
export async function commitContainer(graph: Graph, wish: CommitWish): Promise<StoredImage> {
  const base = graph.find(wish.image);
  if (base === undefined) throw noSuchImage(wish.image);
  const changed = applyChanges(wish.newConfig ?? wish.config, wish.changes ?? []);
  const config = mergeConfig(changed, wish.config);
  const created = graph.now().toISOString();
  const { author = '', message = '' } = wish;
  const { architecture, os } = { ...ownPlatform(), ...base.config };
  try {
    using _ = graph.hold(base.layers);
    using layer = await stageLayer(graph, graph.containers.archive(wish.container));
    failpoint('commit.staged');
    // The root itself is always told of.
    const isEmpty = layer.applied.entries <= 1;
    const image = await showImage(graph, {
      layer: isEmpty ? undefined : layer,
      base,
      about: {
        architecture,
        os,
        created,
        ...(author !== '' && { author }),
        ...(message !== '' && { comment: message }),
        container: wish.container,
        container_config: wish.config,
        config,
      },
      history: {
        created,
        created_by: (wish.config.Cmd ?? []).join(' '),
        ...(author !== '' && { author }),
        ...(message !== '' && { comment: message }),
      },
      reference: wish.reference,
    });
    if (wish.reference !== undefined) graph.tell('tag', image, familiarText(wish.reference));
    return image;
  } catch (error) {
    throw archiveRefusal(error);
  }
}
