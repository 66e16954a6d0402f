// What a tar says about one file, whichever of its dialects said it.
//
// - `TarEntry`: name, kind, owner, time, target, attributes, where its holes are
// - `rootsEntry`: what an entry of ours has that speaks of no file: root's, and of 1970
// - `TarRefused`: the bytes are no tar, or not a whole one
// - `blaming(name, work)`: what is refused in `work` is the fault of that file's header
// - `blockSize`, `paddingOf(size)`: everything in a tar stands in blocks of 512 bytes
//
// Names are bytes (`ByteName`). Sources: tar(5), pax(1p).

import { shownName, type ByteName, type Time, type Xattrs } from '@slipway/native';

export type TarKind =
  | 'file'
  | 'folder'
  | 'link'
  | 'hardLink'
  | 'character'
  | 'block'
  | 'fifo';

export interface TarEntry {
  readonly name: ByteName;
  readonly kind: TarKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of the file, holes included; 0 for what has no content. */
  readonly size: number;
  readonly modified: Time;
  /** What a link says, or the other name of a hard link. */
  readonly target: ByteName;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: Xattrs;
  /** Only for a file with holes: where its stored bytes belong, in order. */
  readonly pieces?: readonly Piece[];
}

/** The same on every machine, in every year. */
export const rootsEntry: Omit<TarEntry, 'name' | 'kind' | 'mode'> = {
  uid: 0,
  gid: 0,
  size: 0,
  modified: { seconds: 0, nanoseconds: 0 },
  target: '',
  major: 0,
  minor: 0,
  xattrs: new Map(),
};

/** A run of bytes in a file with holes. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
}

export class TarRefused extends Error {
  override readonly name = 'TarRefused';
  /** Whose header is to blame, where that is known, and why without that name. */
  readonly entry: ByteName | undefined;
  readonly why: string;

  constructor(why: string, options: ErrorOptions & { readonly entry?: ByteName } = {}) {
    const { entry, ...cause } = options;
    const about = entry === undefined ? '' : `${JSON.stringify(shownName(entry))}: `;
    super(`${about}${why}`, cause);
    this.entry = entry;
    this.why = why;
  }
}

/** @throws TarRefused naming `entry`, which is not the file that was read last */
export function blaming<Result>(entry: ByteName, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TarRefused) || error.entry !== undefined) throw error;
    throw new TarRefused(error.why, { cause: error, entry });
  }
}

export const blockSize = 512;

/** How many zero bytes follow `size` bytes of content. */
export function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}
