// Made from ../../layers/diff.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// What a container has changed, as a layer's archive.
//
// - `diffLayer(what)`: an upper folder, a whole tree, or the difference of two trees
//   → the tar's bytes in pieces
// - `digested(pieces)`: passes them on and knows the diff id at the end
//
// Folders are given by path and held open while the archive is made; what is read are
// descriptors beneath them. The same files make the same bytes, so the same digest.

import { createHash } from 'node:crypto';
import { parseDigest, type Digest } from './digest.ts';
import { openFolder } from '../../layers/open-folder.ts';
import { packEntries } from './pack.ts';
import { walkAufs, walkDifference, walkTree, walkUpper } from './walk.ts';

export type LayerFolders =
  /** A folder as overlayfs writes it, with its whiteouts. */
  | { readonly upper: string }
  /** The same of aufs. */
  | { readonly aufsUpper: string }
  | { readonly tree: string }
  | { readonly before: string; readonly after: string };

/** @throws SyscallError if a folder is not there */
export function* diffLayer(what: LayerFolders): Generator<Buffer> {
  if ('before' in what) {
    using before = openFolder(what.before);
    using after = openFolder(what.after);
    const walked = walkDifference(before.descriptor, after.descriptor);
    yield* packEntries(after.descriptor, walked);
    return;
  }
  const [folder, walk] =
    'upper' in what
      ? ([what.upper, walkUpper] as const)
      : 'tree' in what
        ? ([what.tree, walkTree] as const)
        : ([what.aufsUpper, walkAufs] as const);
  using root = openFolder(folder);
  yield* packEntries(root.descriptor, walk(root.descriptor));
}

export interface Digested extends Iterable<Buffer> {
  /** Once the last piece was taken. */
  readonly digest: () => Digest;
  readonly bytes: () => number;
}

export function digested(pieces: Iterable<Buffer>): Digested {
  const sum = createHash('sha256');
  let bytes = 0;
  let digest: Digest | undefined;
  return {
    *[Symbol.iterator]() {
      for (const piece of pieces) {
        sum.update(piece);
        bytes += piece.length;
        yield piece;
      }
      digest = parseDigest(`sha256:${sum.digest('hex')}`);
    },
    digest() {
      if (digest === undefined) throw new Error('the layer was not read to its end');
      return digest;
    },
    bytes: () => bytes,
  };
}
// As made: 718dbede
