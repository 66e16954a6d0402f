// What a container has written becomes one more layer, and with it a new image.
//
// - `commit(store, container, options)`: → the new image
//
//     config.rootfs.diff_ids   those of the image, and the new layer's
//     config.history           those of the image, and the command that ran
//
// The image below is not touched: it is shared, and somebody else may stand on it.
// Source: OCI image specification, config.md; docker-commit(1).

import { digested } from '../layers/diff.ts';
import { chainIds, hexOf } from '../layers/digest.ts';
import type { ContainerRecord } from './containers.ts';
import { refuseDepth, type ImageStore, type StoredImage } from './store.ts';

export interface CommitOptions {
  readonly name?: string;
  readonly author?: string;
  readonly message?: string;
  /** Now, unless a test wants to know it beforehand. */
  readonly created?: string;
  /** What the new image runs, if not what the old one did. */
  readonly command?: readonly string[];
}

/** @throws Error if its image is gone, LayerRefused if it writes too much meanwhile */
export async function commit(
  store: ImageStore,
  { id, image, argv, name }: ContainerRecord,
  options: CommitOptions = {},
): Promise<StoredImage> {
  const base = store.byId(image);
  if (base === undefined) throw new Error(`the image of ${name} is gone: ${image}`);
  refuseDepth(base.layers.length + 1);
  const layer = digested(store.driver.diff(id));
  for (const _ of layer) void _;
  const diffId = layer.digest();
  // #hole commit: The new layer lies on the image's own layers; its diff id was found
  // above. Under which id is it stored, and what is its parent?
  const diffIds = [...base.config.rootfs.diff_ids, diffId];
  const chain = chainIds(diffIds).map(hexOf);
  const [top = '', parent] = chain.toReversed();
  // #instead
  // const diffIds = base.config.rootfs.diff_ids;
  // const chain = chainIds(diffIds).map(hexOf);
  // const [top = '', parent] = chain.toReversed();
  // #endhole
  if (!store.driver.exists(top)) {
    await store.driver.applyDiff(top, parent, store.driver.diff(id), { diffId });
  }
  const created = options.created ?? new Date().toISOString();
  const { author, message, command } = options;
  const config = {
    ...base.config,
    created,
    ...(author !== undefined && { author }),
    config: { ...base.config.config, ...(command && { Cmd: command }) },
    rootfs: { ...base.config.rootfs, diff_ids: diffIds },
    history: [
      ...(base.config.history ?? []),
      {
        created,
        created_by: argv.join(' '),
        ...(author !== undefined && { author }),
        ...(message !== undefined && { comment: message }),
      },
    ],
  };
  const stored = store.put(Buffer.from(JSON.stringify(config)));
  if (options.name !== undefined) store.name(stored.id, options.name);
  return stored;
}
