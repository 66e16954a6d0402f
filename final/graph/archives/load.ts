// `docker load`: an archive of images comes in, all of it or nothing.
//
// - `loadImages(graph, source, { onLayer })`: → the images with the names they were given
//
//     read    every member once, layers unpacked onto nothing        (staging.ts)
//     check   documents, names, digests: whoever fails here, nothing has happened
//     place   each layer under its chain id, on its parent
//     show    configurations and names
//
// An archive of `docker save`, old or new, or an OCI layout; packed or plain. A layer that is
// here already is not asked for.

import { failpoint } from '../../engine/failpoints.ts';
import { invalid } from '../../engine/refusal.ts';
import {
  chainIds,
  hexOf,
  ImageRefused,
  imagesIn,
  type Digest,
  type OpenImage,
  type StoredImage,
} from '../../libcontainer/layers.ts';
import type { Graph } from '../graph.ts';
import { parseReference, type Reference } from '../reference.ts';
import { breathing } from './breathing.ts';
import { archiveRefusal } from './refusals.ts';
import { Staged, type StagedLayer, type StageOptions } from './staging.ts';

export interface Loaded {
  readonly image: StoredImage;
  readonly names: readonly LoadedName[];
}

export interface LoadedName {
  readonly reference: Reference;
  /** Who was called so before. */
  readonly before: Digest | undefined;
}

/** @throws Refusal INVALID for the archive, FAILED for the disk */
export async function loadImages(
  graph: Graph,
  source: AsyncIterable<Uint8Array>,
  options: StageOptions = {},
): Promise<readonly Loaded[]> {
  try {
    await using staged = new Staged(graph);
    await staged.read(source, options);
    failpoint('load.staged');
    const plans = imagesIn(staged.files, 'the archive').map(planOf);
    if (plans.length === 0) throw new ImageRefused('the archive holds no image');
    for (const plan of plans) checkLayers(graph, staged, plan);
    failpoint('load.checked');
    using _ = graph.hold(plans.flatMap(({ chain }) => chain));
    await using placed = new Placing(graph, staged);
    for (const plan of plans) await placed.place(plan);
    failpoint('load.placed');
    const loaded = show(graph, plans);
    placed.keep();
    return loaded;
  } catch (error) {
    throw archiveRefusal(error);
  }
}

interface Plan {
  readonly image: OpenImage;
  readonly names: readonly Reference[];
  readonly chain: readonly string[];
}

function planOf(image: OpenImage): Plan {
  const chain = chainIds(image.layers.map(({ diffId }) => diffId)).map(hexOf);
  checkTimes(image);
  return { image, chain, names: image.names.flatMap(name => nameOf(name, image)) };
}

/** A layout's `latest` alone is a tag of nothing. @throws Refusal INVALID */
function nameOf(text: string, { form }: OpenImage): readonly Reference[] {
  if (form === 'layout' && !/[:/]/.test(text)) return [];
  const reference = parseReference(text);
  if (reference.tag === undefined) throw invalid(`invalid tag ${JSON.stringify(text)}`);
  return [reference];
}

function checkTimes({ config }: OpenImage): void {
  const times = [config.created, ...(config.history ?? []).map(({ created }) => created)];
  const bad = times.find(time => Number.isNaN(Date.parse(time || '1970-01-01T00:00:00Z')));
  if (bad !== undefined)
    throw new ImageRefused(`the configuration: ${JSON.stringify(bad)} is no time`);
}

/** Of those that will be needed. @throws ImageRefused, LayerRefused */
function checkLayers(graph: Graph, staged: Staged, { image, chain }: Plan): void {
  for (const [index, { diffId, blob }] of image.layers.entries()) {
    if (graph.driver.exists(chain[index] ?? '')) continue;
    const { applied, digest } = staged.layer(blob.name);
    if (applied.diffId !== diffId) {
      const digests = `expected "${diffId}", got "${applied.diffId}"`;
      throw new ImageRefused(`invalid diffID for layer ${index}: ${digests}`);
    }
    if (blob.digest !== undefined && blob.digest !== digest) {
      throw new ImageRefused(`blob ${blob.digest} was changed: it is ${digest} now`);
    }
  }
}

/** What was placed goes again, unless all was. */
class Placing implements AsyncDisposable {
  readonly #graph: Graph;
  readonly #staged: Staged;
  /** Where a staged layer went first: it may be needed on another parent too. */
  readonly #moved = new Map<StagedLayer, string>();
  #placed: string[] = [];

  constructor(graph: Graph, staged: Staged) {
    this.#graph = graph;
    this.#staged = staged;
  }

  async place({ image, chain }: Plan): Promise<void> {
    for (const [index, { blob, diffId }] of image.layers.entries()) {
      const id = chain[index] ?? '';
      const parent = index === 0 ? undefined : chain[index - 1];
      const { driver } = this.#graph;
      if (driver.exists(id)) continue;
      const layer = this.#staged.layer(blob.name);
      const before = this.#moved.get(layer);
      if (before === undefined) await driver.adopt(layer.id, id, parent);
      else await driver.applyDiff(id, parent, breathing(driver.diff(before)), { diffId });
      this.#moved.set(layer, id);
      this.#placed.push(id);
    }
  }

  keep(): void {
    this.#placed = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const layer of this.#placed.toReversed()) this.#graph.discard(layer);
  }
}

/** All of them are there, with their names, or none is. */
function show(graph: Graph, plans: readonly Plan[]): readonly Loaded[] {
  const configs = plans.map(({ image }) => image.configBytes);
  const loaded = graph.show(configs, images => {
    failpoint('load.shown');
    return images.map((image, index) => ({
      image,
      names: nameAll(graph, image.id, plans[index]?.names ?? []),
    }));
  });
  failpoint('load.named');
  setParents(graph, plans);
  for (const { image } of loaded) graph.tell('load', image, image.id);
  return loaded;
}

/** Only of what came in the same archive, and where its history goes on: so nobody is his own. */
function setParents(graph: Graph, plans: readonly Plan[]): void {
  const images = new Map(plans.map(({ image }) => [String(image.id), image]));
  for (const { image } of plans) {
    const parent = images.get(image.parent ?? '');
    if (parent !== undefined && goesOn(image, parent)) graph.names.setParent(image.id, parent.id);
  }
}

function goesOn({ config }: OpenImage, { config: before }: OpenImage): boolean {
  const [steps, first] = [config.history ?? [], before.history ?? []];
  return (
    steps.length > first.length &&
    JSON.stringify(steps.slice(0, first.length)) === JSON.stringify(first) &&
    before.rootfs.diff_ids.every((layer, index) => config.rootfs.diff_ids[index] === layer)
  );
}

function nameAll(graph: Graph, id: Digest, names: readonly Reference[]): readonly LoadedName[] {
  return names.map(reference => {
    const before = graph.names.get(reference);
    graph.names.set(reference, id);
    return { reference, before: before === id ? undefined : before };
  });
}
