// Made from ../../layers/diff.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// What a container has changed, as a layer's archive.
//
// - `diffLayer(what)`: an upper folder, a whole tree, or the difference of two trees
//   → the tar's bytes in pieces
// - `diffSize(what)`: the bytes of its files and links, each inode once
// - `digested(pieces)`: passes them on and knows the diff id at the end
//
// Folders are given by path and held open while the archive is made; what is read are
// descriptors beneath them. The same files make the same bytes, so the same digest.

import { createHash } from 'node:crypto';
import { parseDigest, type Digest } from './digest.ts';
import { openFolder } from '../../layers/unpack/open-folder.ts';
import { packEntries, type Walked } from './pack.ts';
import { LayerRefused } from '../../layers/refused.ts';
import { isSign } from './whiteouts.ts';
import { walkAufs, walkDifference, walkTree, walkUpper } from './walk.ts';

export type LayerFolders =
  /** A folder as overlayfs writes it, with its whiteouts. */
  | { readonly upper: string }
  /** The same of aufs. */
  | { readonly aufsUpper: string }
  | { readonly tree: string }
  | { readonly before: string; readonly after: string };

/** @throws SyscallError if a folder is not there, LayerRefused for a sign's name */
export function* diffLayer(what: LayerFolders): Generator<Buffer> {
  using walked = openWalk(what);
  yield* packEntries(walked.root, refusingSigns(walked.entries));
}

/** A container may give a file any name, and this one would hide another file. */
function* refusingSigns(entries: Iterable<Walked>): Generator<Walked> {
  for (const one of entries) {
    if (!('hidden' in one) && isSign(one.path)) {
      const why = 'its name is the sign of a whiteout, so no layer can hold it';
      throw new LayerRefused(why, one.path);
    }
    yield one;
  }
}

export function diffSize(what: LayerFolders): number {
  using walked = openWalk(what);
  const seen = new Set<string>();
  let bytes = 0;
  for (const one of walked.entries) {
    if ('hidden' in one || !['file', 'link'].includes(one.entry.kind)) continue;
    const { size, links, device, inode } = one.entry;
    const key = `${device}:${inode}`;
    if (links === 1 || !seen.has(key)) bytes += size;
    if (links > 1) seen.add(key);
  }
  return bytes;
}

interface OpenWalk extends Disposable {
  readonly root: number;
  readonly entries: Iterable<Walked>;
}

function openWalk(what: LayerFolders): OpenWalk {
  if ('before' in what) {
    const before = openFolder(what.before);
    const after = openFolder(what.after);
    return {
      root: after.descriptor,
      entries: walkDifference(before.descriptor, after.descriptor),
      [Symbol.dispose]: () => {
        before[Symbol.dispose]();
        after[Symbol.dispose]();
      },
    };
  }
  const [folder, walk] =
    'upper' in what
      ? ([what.upper, walkUpper] as const)
      : 'tree' in what
        ? ([what.tree, walkTree] as const)
        : ([what.aufsUpper, walkAufs] as const);
  const root = openFolder(folder);
  return {
    root: root.descriptor,
    entries: walk(root.descriptor),
    [Symbol.dispose]: () => root[Symbol.dispose](),
  };
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
// As made: 97d889f5
