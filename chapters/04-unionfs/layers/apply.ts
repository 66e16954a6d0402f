// A layer's archive becomes a folder: all of it, or nothing.
//
// - `applyLayer(source, folder, options?)`: a file or a stream, packed or plain
//   → its diff id, how many entries, how many bytes
// - `mergeLayer(pieces, folder)`: onto a tree that has the layers below
//
// It is unpacked beside `folder` under another name, and renamed when the last byte has
// been read and the digest is the expected one. Whoever looks sees no half of a layer.
// Sources: OCI image specification, layer.md; rename(2).

import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import type { ByteName } from '@slipway/native';
import { TarReader } from '../tar/reader.ts';
import type { LayerSource } from './unpack/decompress.ts';
import { feed } from './unpack/feed.ts';
import { parseDigest, type Digest } from './digest.ts';
import { Budget, type LayerLimits } from './limits.ts';
import { openFolder } from './unpack/open-folder.ts';
import { RecipeWriter } from './unpack/recipe.ts';
import { LayerRefused, refusalOf } from './refused.ts';
import { LayerUnpacker } from './unpack/unpacker.ts';
import { inUserNamespace } from './unpack/user-namespace.ts';
import type { WhiteoutForm } from './whiteouts.ts';

export interface ApplyOptions {
  /** `overlay` unless said otherwise. */
  readonly whiteouts?: WhiteoutForm;
  readonly limits?: Partial<LayerLimits>;
  /** Of the uncompressed archive; anything else is refused. */
  readonly diffId?: Digest;
  readonly userNamespace?: boolean;
  /** A file to make: how to get the archive back (recipe.ts). */
  readonly recipe?: string;
}

export interface Applied {
  readonly diffId: Digest;
  readonly entries: number;
  /** Of all files, holes included, and what links say: as stat(2) has it. */
  readonly bytes: number;
  /** Of the archive, unpacked; a layer of an older store does not know it. */
  readonly archiveBytes?: number | undefined;
  /** Device nodes that a user namespace may not make. */
  readonly leftOut: readonly ByteName[];
  /** Folders that the archive does not describe: see unpack/inherit.ts. */
  readonly untold?: readonly ByteName[] | undefined;
}

/**
 * `folder` must not be there, or be empty.
 *
 * @throws LayerRefused naming the entry; then nothing is there
 */
export async function applyLayer(
  source: LayerSource,
  folder: string,
  options: ApplyOptions = {},
): Promise<Applied> {
  const partial = `${folder}.partial-${randomUUID()}`;
  mkdirSync(partial, { mode: 0o755 });
  try {
    const applied = await unpackInto(source, partial, options);
    renameSync(partial, folder);
    return applied;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

/**
 * A layer's archive onto a tree that already holds all the layers below: what it hides
 * goes. Only for archives of our own (`diffLayer`): whiteouts stand before what is new.
 *
 * @throws LayerRefused; then the tree is worth nothing
 */
export function mergeLayer(pieces: Iterable<Buffer>, folder: string): void {
  using root = openFolder(folder);
  const unpacker = new LayerUnpacker(root.descriptor, {
    whiteouts: 'applied',
    userNamespace: inUserNamespace(),
    budget: new Budget(),
  });
  const reader = new TarReader(unpacker);
  try {
    for (const piece of pieces) reader.write(piece);
    reader.finish();
    unpacker.finish();
  } catch (error) {
    throw refusalOf(error, unpacker.current);
  } finally {
    unpacker.discard();
  }
}

async function unpackInto(
  source: LayerSource,
  folder: string,
  options: ApplyOptions,
): Promise<Applied> {
  using root = openFolder(folder);
  const budget = new Budget(options.limits);
  using recipe = options.recipe ? new RecipeWriter(options.recipe) : undefined;
  const unpacker = new LayerUnpacker(root.descriptor, {
    whiteouts: options.whiteouts ?? 'overlay',
    userNamespace: options.userNamespace ?? inUserNamespace(),
    budget,
    ...(recipe && { recipe }),
  });
  try {
    const archive = new Sum();
    const onBytes = (piece: Buffer): void => archive.add(piece);
    await feed(source, unpacker, { budget, unpacker, onBytes });
    const diffId = archive.digest();
    if (options.diffId !== undefined && options.diffId !== diffId) {
      const found = `it is ${diffId}, not ${options.diffId}`;
      throw new LayerRefused(`its bytes are not those that were asked for: ${found}`);
    }
    unpacker.finish();
    recipe?.finish();
    const { entries, bytes } = budget;
    const { leftOut, untold } = unpacker;
    return { diffId, entries, bytes, archiveBytes: archive.bytes, leftOut, untold };
  } catch (error) {
    throw refusalOf(error, unpacker.current);
  } finally {
    unpacker.discard();
  }
}

class Sum {
  readonly #sum = createHash('sha256');
  bytes = 0;

  add(piece: Buffer): void {
    this.bytes += piece.length;
    this.#sum.update(piece);
  }

  digest(): Digest {
    return parseDigest(`sha256:${this.#sum.digest('hex')}`);
  }
}
