// Made from ../../layers/pack.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Files become a tar, piece by piece: whatever walks a tree, this writes it down.
//
// - `packEntries(root, walked, nameOf?)`: → the archive's bytes, a mebibyte at a time
// - `Walked`: a path and what is there, or a path that is to be hidden
//
// Deterministic: the same files make the same bytes. Two names of one inode become a
// file and a hard link to it. A file that changes while it is read keeps the size that
// its header has stated. Sources: tar(5), OCI image specification, layer.md.

import type { ByteName, FileEntry } from '@slipway/native';
import { paddingOf, rootsEntry, type TarEntry, type TarKind } from '../../tar/entry.ts';
import { endOfArchive, entryHeader } from '../../tar/writer.ts';
import { Pieces } from '../../layers/unpack/pieces.ts';
import { isOverlayXattr, opaqueName, whiteoutName } from './whiteouts.ts';

export type Walked =
  | { readonly path: ByteName; readonly entry: FileEntry; readonly opaque?: boolean }
  | { readonly path: ByteName; readonly hidden: true };

/**
 * `root` is the descriptor of the folder that the paths are beneath; `nameOf` says what
 * each is called in the archive.
 */
export function* packEntries(
  root: number,
  walked: Iterable<Walked>,
  nameOf = ownName,
): Generator<Buffer> {
  using pieces = new Pieces(root, { isStrict: false });
  const packer = new Packer(pieces, nameOf);
  for (const one of walked) yield* packer.add(one);
  yield* packer.end();
}

function ownName(path: ByteName): ByteName {
  return path === '' ? '.' : path;
}

class Packer {
  readonly #pieces: Pieces;
  readonly #nameOf: (path: ByteName) => ByteName;
  /** The first name of each inode that has several. */
  readonly #names = new Map<string, ByteName>();

  constructor(pieces: Pieces, nameOf: (path: ByteName) => ByteName) {
    this.#pieces = pieces;
    this.#nameOf = nameOf;
  }

  *add(one: Walked): Generator<Buffer> {
    if ('hidden' in one) {
      yield* this.#pieces.put(entryHeader(sign(whiteoutName(one.path))));
      return;
    }
    const { path, entry, opaque = false } = one;
    // A socket is a meeting point of two processes: nothing of it can be kept.
    if (entry.kind === 'socket') return;
    const described = this.#describe(path, entry);
    yield* this.#pieces.put(entryHeader(described));
    if (described.kind === 'file') yield* this.#content(path, entry.size);
    if (!opaque) return;
    const inside = path === '' ? opaqueName : `${path}/${opaqueName}`;
    yield* this.#pieces.put(entryHeader(sign(inside)));
  }

  *end(): Generator<Buffer> {
    yield* this.#pieces.put(endOfArchive);
    yield* this.#pieces.end();
  }

  #describe(path: ByteName, entry: FileEntry): TarEntry {
    const first = entry.kind !== 'folder' && entry.links > 1;
    const key = first ? `${entry.device}:${entry.inode}` : '';
    const other = first ? this.#names.get(key) : undefined;
    if (first && other === undefined) this.#names.set(key, path);
    const kind = entry.kind === 'socket' ? 'file' : entry.kind;
    const size = kind === 'file' ? entry.size : 0;
    const plain = {
      ...entry,
      name: this.#nameOf(path),
      xattrs: ofTheFile(entry),
    };
    return other === undefined
      ? { ...plain, kind: kind satisfies TarKind, size }
      : {
          ...plain,
          kind: 'hardLink',
          size: 0,
          target: this.#nameOf(other),
          xattrs: new Map(),
        };
  }

  *#content(path: ByteName, size: number): Generator<Buffer> {
    if (size === 0) return;
    // If it has become shorter since it was looked at, the rest is zeros.
    yield* this.#pieces.file(path, 0, size);
    yield* this.#pieces.zeros(paddingOf(size));
  }
}

function ofTheFile({ xattrs }: FileEntry): FileEntry['xattrs'] {
  if (xattrs.size === 0) return xattrs;
  return new Map([...xattrs].filter(([name]) => !isOverlayXattr(name)));
}

/** An empty file whose name is all that it says. */
function sign(name: ByteName): TarEntry {
  return { ...rootsEntry, name, kind: 'file', mode: 0 };
}
// As made: 665f6c6b
