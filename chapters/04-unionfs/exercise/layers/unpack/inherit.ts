// Made from ../../../layers/unpack/inherit.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Folders that a layer holds without a word about them, as they are below it.
//
// - `inheritFolders(folder, untold, below)`: their mode, owner, attributes and time
//
// An archive may hold `etc/motd` and nothing about `etc`: umoci writes so where only
// what is in the folder has changed. But in a union the highest `etc` speaks for the
// whole folder, and one that was made on the way would make it root's and 0755.

import {
  describeFolder,
  FileBatch,
  SyscallError,
  type ByteName,
  type FileEntry,
} from '@slipway/native';
import { openFolder } from '../../../layers/unpack/open-folder.ts';
import { isOverlayXattr } from '../whiteouts.ts';

/**
 * `folder` is the layer's own, `below` the descriptor of the tree that it lies on.
 *
 * @throws SyscallError if a folder of the layer is gone
 */
export function inheritFolders(
  folder: string,
  untold: readonly ByteName[],
  below: number,
): void {
  using root = openFolder(folder);
  using batch = new FileBatch(root.descriptor);
  const known = untold.flatMap(path => {
    const entry = folderAt(below, path);
    return entry === undefined ? [] : [{ path, entry }];
  });
  for (const { path, entry } of known) {
    const { mode, uid, gid, modified } = entry;
    const xattrs = new Map([...entry.xattrs].filter(([name]) => !isOverlayXattr(name)));
    batch.folder(path, { mode, owner: { uid, gid }, modified, xattrs });
  }
  // The innermost first: what is set in a folder changes nothing above it any more.
  for (const { path, entry } of known.toReversed()) batch.times(path, entry.modified);
  batch.flush();
}

/** Undefined where the tree has something else, or nothing. */
function folderAt(root: number, path: ByteName): FileEntry | undefined {
  try {
    return describeFolder(root, path);
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
}
// As made: ca53fde6
