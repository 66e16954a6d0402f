// A new image: a layer that is staged, a configuration that says where it came from.
//
// - `stageLayer(graph, source)`: → StagedLayer; disposing removes what nobody has taken
// - `showImage(graph, { layer, base, config, … })`: places the layer, then the image is there
//
// Between the two is the moment to look at what came. Sources: OCI image specification, config.md.

import { randomBytes } from 'node:crypto';
import {
  chainIds,
  hexOf,
  type Applied,
  type Digest,
  type LayerSource,
  type StoredImage,
} from '../../libcontainer/layers.ts';
import { failpoint } from '../../engine/failpoints.ts';
import type { Graph } from '../graph.ts';
import type { Reference } from '../reference.ts';

export interface NewLayer extends Disposable {
  readonly id: string;
  readonly applied: Applied;
}

/** @throws LayerRefused */
export async function stageLayer(graph: Graph, source: LayerSource): Promise<NewLayer> {
  const id = `staged-${randomBytes(8).toString('hex')}`;
  const applied = await graph.driver.applyDiff(id, undefined, source);
  return { id, applied, [Symbol.dispose]: () => graph.driver.remove(id) };
}

export interface NewImage {
  /** Undefined where no file was changed. */
  readonly layer: NewLayer | undefined;
  readonly base: StoredImage | undefined;
  /** The configuration without its layers. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly history: Readonly<Record<string, unknown>>;
  readonly reference: Reference | undefined;
}

/** The image is there, with its name, or nothing is. */
export async function showImage(graph: Graph, wish: NewImage): Promise<StoredImage> {
  const { layer, base } = wish;
  const below: readonly Digest[] = base?.config.rootfs.diff_ids ?? [];
  const diffIds = layer === undefined ? below : [...below, layer.applied.diffId];
  const chain = chainIds(diffIds).map(hexOf);
  using _ = graph.hold(chain);
  const [top = '', parent] = chain.toReversed();
  using undo = new DisposableStack();
  if (layer !== undefined && !graph.driver.exists(top)) {
    await graph.driver.adopt(layer.id, top, parent);
    undo.defer(() => graph.discard(top));
  }
  failpoint('commit.placed');
  const config = Buffer.from(JSON.stringify(configOf(wish, diffIds)));
  const [image] = graph.show([config], images => {
    failpoint('commit.shown');
    for (const one of images) nameImage(graph, one, wish);
    return images;
  });
  failpoint('commit.named');
  undo.move();
  if (image === undefined) throw new Error('an image was made, and is not there');
  return image;
}

function configOf({ about, base, history, layer }: NewImage, diffIds: readonly Digest[]): object {
  return {
    ...about,
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: [
      ...(base?.config.history ?? []),
      { ...history, ...(layer === undefined && { empty_layer: true }) },
    ],
  };
}

function nameImage(graph: Graph, { id }: StoredImage, { base, reference }: NewImage): void {
  if (base !== undefined && base.id !== id) graph.names.setParent(id, base.id);
  if (reference === undefined) return;
  graph.names.set(reference, id);
  graph.names.noteTagged(id, graph.now());
}
