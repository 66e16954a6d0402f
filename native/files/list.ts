// A folder with all that is known about what is in it, read in one call.
//
// - `listFolder(root, path)`: its entries, in the order of their bytes
// - `describeFolder(root, path)`: the folder itself
// - `FileEntry`: kind, owner, times, target, device numbers, extended attributes
//
// The form is drawn in addon/src/files/list.rs. Sources: getdents(2), stat(2), listxattr(2).

import { call, native } from '../binding.ts';
import { nameBytes, type ByteName } from '../filesystem.ts';

export type FileKind = 'file' | 'folder' | 'link' | 'character' | 'block' | 'fifo' | 'socket';

export interface FileEntry {
  readonly name: ByteName;
  readonly kind: FileKind;
  /** Twelve bits: the permissions, set-uid, set-gid, sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly size: number;
  readonly inode: bigint;
  readonly device: bigint;
  readonly modified: Time;
  readonly major: number;
  readonly minor: number;
  /** What it takes on the disk, in bytes. */
  readonly allocated: number;
  /** What a link says. */
  readonly target: ByteName;
  readonly xattrs: Xattrs;
}

export interface Time {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** Extended attributes by name. */
export type Xattrs = ReadonlyMap<ByteName, Buffer>;

/** @throws SyscallError ENOENT, ENOTDIR, ELOOP if a link is on the way */
export function listFolder(root: number, path: ByteName): readonly FileEntry[] {
  const list = [...decode(call(() => native().listFolder(root, nameBytes(path), false)))];
  return list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The folder at `path` under an empty name. */
export function describeFolder(root: number, path: ByteName): FileEntry {
  const [own] = decode(call(() => native().listFolder(root, nameBytes(path), true)));
  if (own === undefined) throw new Error(`the folder ${path} was not described`);
  return own;
}

const kinds: Readonly<Record<number, FileKind>> = {
  0o010: 'fifo',
  0o020: 'character',
  0o040: 'folder',
  0o060: 'block',
  0o100: 'file',
  0o120: 'link',
  0o140: 'socket',
};

const none: Xattrs = new Map();

/** Where the fields of fixed size stand, from the start of an entry. */
const fixedSize = 68;

function* decode(list: Buffer): Generator<FileEntry> {
  let at = 0;
  while (at < list.length) {
    const start = at;
    const mode = list.readUInt32LE(start);
    const text = (): ByteName => {
      const length = list.readUInt16LE(at);
      at += 2 + length;
      return list.toString('latin1', at - length, at);
    };
    at += fixedSize;
    const name = text();
    const target = text();
    const count = list.readUInt16LE(at);
    at += 2;
    const xattrs = new Map<ByteName, Buffer>();
    for (let index = 0; index < count; index += 1) {
      const key = text();
      const length = list.readUInt32LE(at);
      xattrs.set(key, list.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    yield {
      name,
      kind: kinds[(mode & 0o170000) >>> 9] ?? 'file',
      mode: mode & 0o7777,
      uid: list.readUInt32LE(start + 4),
      gid: list.readUInt32LE(start + 8),
      links: list.readUInt32LE(start + 12),
      size: Number(list.readBigUInt64LE(start + 16)),
      inode: list.readBigUInt64LE(start + 24),
      device: list.readBigUInt64LE(start + 32),
      modified: {
        seconds: Number(list.readBigInt64LE(start + 40)),
        nanoseconds: list.readUInt32LE(start + 48),
      },
      major: list.readUInt32LE(start + 52),
      minor: list.readUInt32LE(start + 56),
      allocated: Number(list.readBigUInt64LE(start + 60)) * 512,
      target,
      xattrs: count === 0 ? none : xattrs,
    };
  }
}
