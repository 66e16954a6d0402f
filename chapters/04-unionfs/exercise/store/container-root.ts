// Made from ../../store/container-root.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The root of a container: the image's layers, the init layer, and one to write to, as
// one mount that is in nobody's mount table.
//
// - `openContainerRoot({ store, image, id, … })`: makes the two layers if they are not
//   there, and mounts all of them; in two steps:
// - `createContainerLayers(options)`; `openContainerLayers(driver, id)`, which needs no
//   image: that may be gone by then
// - `removeContainerLayers(store, id)`
//
//     <id>=rw              what the container writes
//     <id>-init=ro+wh      /etc/hosts and its kin
//     <chain id>=ro+wh     the image's layers, the highest first
//
// Who wants to read the files while the container runs lets it attach a clone of the
// mount, and keeps this one.

import { readFileSync } from 'node:fs';
import type { GraphDriver } from '../../drivers/driver.ts';
import type { ImageConfig } from '../images/schemas.ts';
import { initLayer, usualFiles, type OwnFiles } from './init-layer.ts';
import type { ImageStore, StoredImage } from './store.ts';

export interface ContainerRootOptions {
  readonly store: ImageStore;
  readonly image: StoredImage;
  /** Of the container; also the name of its layer. */
  readonly id: string;
  /** Without it they are made from the id and this machine's resolver. */
  readonly files?: OwnFiles;
}

export interface ContainerRoot extends ContainerTree {
  readonly image: StoredImage;
  readonly config: ImageConfig;
}

export interface ContainerTree extends Disposable {
  /** For `step.attach`: the whole tree. */
  readonly descriptor: number;
  readonly id: string;
  /** The folders, the highest first. */
  readonly layers: readonly string[];
  /** The same as aufs would list them. */
  readonly branches: readonly string[];
  /** The folder that the container writes to. */
  readonly upper: string;
}

function initId(id: string): string {
  return `${id}-init`;
}

/**
 * @throws GraphError if the container's layer is in use, SyscallError EPERM without the
 *   right to mount
 */
export async function openContainerRoot(
  options: ContainerRootOptions,
): Promise<ContainerRoot> {
  const { store, image, id } = options;
  if (!store.driver.exists(id)) await createContainerLayers(options);
  return { ...openContainerLayers(store.driver, id), image, config: image.config };
}

/** @throws GraphError if it is in use, SyscallError EPERM without the right to mount */
export function openContainerLayers(driver: GraphDriver, id: string): ContainerTree {
  const tree = driver.get(id);
  return {
    descriptor: tree.descriptor,
    id,
    layers: tree.folders,
    branches: tree.branches,
    upper: tree.folders[0] ?? '',
    [Symbol.dispose]: () => tree[Symbol.dispose](),
  };
}

/** @throws GraphError if they are there */
export async function createContainerLayers(
  options: ContainerRootOptions,
): Promise<void> {
  const { store, image, id } = options;
  const { driver } = store;
  const top = image.layers.at(-1);
  const init = initId(id);
  if (!driver.exists(init)) {
    const files = options.files ?? usualFiles(id.slice(0, 12), ownResolver());
    const archive = initLayer(store.rootOf(image), files);
    await driver.applyDiff(init, top, [archive], { passing: true });
  }
  await driver.create(id, init);
}

function ownResolver(): string {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    return '';
  }
}

/** What the container wrote is gone; the image stays as it was. */
export function removeContainerLayers(store: ImageStore, id: string): void {
  // YOUR PART remove: Two layers were made for the container alone.
  store.driver.remove(initId(id));
}
// As made: b7d5be10
