// Made from ../../runtime/options.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The command line of chapter 04: what it adds to those before.
//
// - `addImageOptions(command)`: declares --image, --name, --rm and their kin
// - `openFlaggedStore(flags)`: the store that --root and --driver mean
// - `readImageFlags(flags)`: what does not fit together is refused
//
// A container without a name is removed when it ends; with a name it stays, so that it
// can be looked at and committed.

import { UsageError } from '@slipway/namespaces';
import type { Command } from 'commander';
import { openStore, storeRoot } from '../store/open-store.ts';
import type { ImageStore } from '../store/store.ts';

/** Of every command that uses the store. */
export interface StoreFlags {
  readonly root?: string;
  readonly driver?: string;
}

/** The flags as commander leaves them. */
export interface ImageFlags extends StoreFlags {
  readonly image?: string;
  readonly name?: string;
  readonly rm?: true;
  readonly as?: string;
  readonly workdir?: string;
  readonly env?: readonly string[];
  readonly entrypoint?: string;
}

export function addStoreOptions(command: Command): Command {
  return command
    .option('--root <folder>', 'where images and containers are kept')
    .option('--driver <name>', 'the graph driver: overlay, aufs or vfs');
}

/** Declares the options of this chapter on `command`. */
export function addImageOptions(command: Command): Command {
  const collect = (text: string, before: readonly string[] = []): readonly string[] => [
    ...before,
    text,
  ];
  return addStoreOptions(command)
    .option('--image <image>', 'its layers as the root: a folder, a tar, or a name')
    .option('--name <name>', 'keep the container under this name when it has ended')
    .option('--rm', 'remove it all the same')
    .option('--as <user[:group]>', 'who the application is')
    .option('-w, --workdir <folder>', 'where it starts')
    .option('-e, --env <NAME=value>', 'one more variable; may be repeated', collect)
    .option('--entrypoint <program>', 'instead of that of the image');
}

/** @throws UsageError naming the flags that do not fit together */
export function readImageFlags(flags: ImageFlags & { readonly rootfs?: string }): void {
  const { image, rootfs } = flags;
  if (image !== undefined && rootfs !== undefined) {
    throw new UsageError('--image and --rootfs are two roots: leave one out');
  }
  if (image !== undefined) return;
  const needing = ['name', 'rm', 'as', 'workdir', 'env', 'entrypoint'] as const;
  const lonely = needing.find(name => flags[name] !== undefined);
  if (lonely === undefined) return;
  throw new UsageError(`--${lonely} needs an image: add --image`);
}

/** @throws GraphError */
export function openFlaggedStore({ root, driver }: StoreFlags): ImageStore {
  return openStore(root ?? storeRoot(), driver);
}
// As made: 54bf2d7a
