// A place in a tree of files becomes an archive.
//
// - `packPlace(place, name)`: a file, or a folder with all that is in it, called `name` there

import { closeSync, constants } from 'node:fs';
import { openBeneath, type ByteName } from '@slipway/native';
import { packEntries, walkTree } from '../../../libcontainer/layers.ts';
import type { Place } from './place.ts';

/** @throws SyscallError ENOENT if it has gone since it was found; later nothing more is missed */
export function packPlace({ folder, path, entry }: Place, name: ByteName): Iterable<Buffer> {
  if (entry.kind !== 'folder') return packEntries(folder, [{ path, entry }], () => name);
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  return packFolder(openBeneath(folder, path === '' ? '.' : path, flags), name);
}

function* packFolder(root: number, name: ByteName): Generator<Buffer> {
  const nameOf = (inside: ByteName): ByteName => (inside === '' ? name : `${name}/${inside}`);
  try {
    yield* packEntries(root, walkTree(root), nameOf);
  } finally {
    closeSync(root);
  }
}
