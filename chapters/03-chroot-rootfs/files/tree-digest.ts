// One number for a whole tree of files: equal exactly if the trees are.
//
// - `digestTree(folder)`: the digest, and how many entries it is about
//
// What counts: paths, kinds, modes, owners, contents, what links say, device numbers.
// What does not: times, inodes, and the order in which a directory lists its names.
// Each entry is one line; the digest is the SHA-256 of all lines in the order of the
// paths:
//
//     file 755 0:0 bin/busybox sha256:1c5f…
//     link 0:0 bin/sh -> /bin/busybox

import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';

export interface TreeDigest {
  /** `sha256:` and 64 digits. */
  readonly digest: string;
  readonly entries: number;
}

/** Of `folder` and everything below; no link is followed. */
export function digestTree(folder: string): TreeDigest {
  const lines = [...linesOf(folder, '')];
  const sum = createHash('sha256').update(lines.join('\n')).digest('hex');
  return { digest: `sha256:${sum}`, entries: lines.length };
}

function* linesOf(root: string, path: string): Generator<string> {
  const place = `${root}/${path}`;
  const found = lstatSync(place);
  yield lineOf(place, path, found);
  if (!found.isDirectory()) return;
  for (const name of readdirSync(place).toSorted()) {
    yield* linesOf(root, path === '' ? name : `${path}/${name}`);
  }
}

function lineOf(place: string, path: string, found: Stats): string {
  const owner = `${found.uid}:${found.gid}`;
  const mode = (found.mode & 0o7777).toString(8);
  // JSON: a name may hold a line break.
  const name = JSON.stringify(path);
  if (found.isSymbolicLink()) {
    return `link ${owner} ${name} -> ${JSON.stringify(readlinkSync(place))}`;
  }
  if (found.isDirectory()) return `folder ${mode} ${owner} ${name}`;
  if (found.isFile()) return `file ${mode} ${owner} ${name} ${sumOf(place)}`;
  return `other ${found.mode.toString(8)} ${owner} ${name} ${found.rdev}`;
}

function sumOf(place: string): string {
  const sum = createHash('sha256');
  const descriptor = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const piece = Buffer.alloc(1 << 20);
    for (;;) {
      const size = readSync(descriptor, piece);
      if (size === 0) return `sha256:${sum.digest('hex')}`;
      sum.update(piece.subarray(0, size));
    }
  } finally {
    closeSync(descriptor);
  }
}
