// Made from ../../store/build.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// An image from folders: each of them a layer, the lowest first.
//
// - `buildImage(store, folders, options)`: → the image
//
// A folder is a layer as overlayfs has it: a whiteout in it (a character device 0:0)
// hides what is below. Only the files decide about the layers' digests.

import { digested, diffLayer } from '../layers/diff.ts';
import { chainIds, hexOf, type Digest } from '../layers/digest.ts';
import { ownPlatform } from '../images/open-image.ts';
import type { ImageStore, StoredImage } from './store.ts';

export interface BuildOptions {
  readonly command?: readonly string[];
  readonly env?: readonly string[];
  /** In the configuration, and so in the image's id. */
  readonly created: string;
  readonly name?: string;
}

/** @throws Error if a folder is not there */
export async function buildImage(
  store: ImageStore,
  folders: readonly string[],
  options: BuildOptions,
): Promise<StoredImage> {
  const diffIds: Digest[] = [];
  for (const upper of folders) {
    const layer = digested(diffLayer({ upper }));
    for (const _ of layer) void _;
    const diffId = layer.digest();
    diffIds.push(diffId);
    const [id = '', parent] = chainIds(diffIds).map(hexOf).toReversed();
    if (store.driver.exists(id)) continue;
    await store.driver.applyDiff(id, parent, diffLayer({ upper }), { diffId });
  }
  const { created, command, env, name } = options;
  const config = {
    created,
    ...ownPlatform(),
    config: { Env: env ?? [], Cmd: command ?? ['sh'] },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: folders.map(folder => ({ created, created_by: `build ${folder}` })),
  };
  const stored = store.put(Buffer.from(JSON.stringify(config)));
  if (name !== undefined) store.name(stored.id, name);
  return stored;
}
// As made: 96bd9b05
