// A place in a tree of files becomes an archive.
//
// - `packPlace(place, name)`: a file, or a folder with all that is in it, called `name` there

import { closeSync, constants } from 'node:fs';
import { openBeneath, type ByteName } from '@slipway/native';
import { packEntries, walkTree } from '../../../libcontainer/layers.ts';
import type { Place } from './place.ts';

export function* packPlace({ folder, path, entry }: Place, name: ByteName): Generator<Buffer> {
  if (entry.kind !== 'folder') {
    yield* packEntries(folder, [{ path, entry }], () => name);
    return;
  }
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  const root = openBeneath(folder, path === '' ? '.' : path, flags);
  const nameOf = (inside: ByteName): ByteName => (inside === '' ? name : `${name}/${inside}`);
  try {
    yield* packEntries(root, walkTree(root), nameOf);
  } finally {
    closeSync(root);
  }
}
