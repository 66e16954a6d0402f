// Many small files in one call: instructions gathered here, carried out by the addon.
//
// - `new FileBatch(root)`: for the folder behind the descriptor `root`
// - `.folder`, `.file`, `.link`, `.hardLink`, `.node`, `.times`, `.xattr`, `.remove`, `.finish`
// - `.flush()`: carries out what was gathered; it also happens by itself when there is much
//
// Every path is resolved beneath `root` and through no link; what has the name already gives way,
// except a folder where a folder is wanted. The form is drawn in addon/src/file_batch.rs.

import { call, native } from '../binding.ts';
import type { ByteName } from '../filesystem.ts';
import type { Time, Xattrs } from './list.ts';

export interface Attributes {
  readonly mode: number;
  /** Without it the owner stays who made the file. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly modified: Time;
  readonly xattrs?: Xattrs;
}

/** `mode` bits of what is no file, folder or link: stat(2). */
export const nodeTypes = { character: 0o020000, block: 0o060000, fifo: 0o010000 } as const;

const kinds = {
  folder: 1,
  file: 2,
  link: 3,
  hardLink: 4,
  node: 5,
  finish: 6,
  times: 7,
  remove: 8,
  xattr: 9,
} as const;

/** Enough that a call costs nothing beside its work, little enough to stay in the cache. */
const batchBytes = 256 * 1024;

export class FileBatch {
  readonly #root: number;
  readonly #bytes: Buffer;
  #used = 0;

  constructor(root: number) {
    this.#root = root;
    this.#bytes = Buffer.allocUnsafe(batchBytes);
  }

  /** Content up to this size can be given to `file`; a larger file is opened and finished. */
  static readonly largestFile = 64 * 1024;

  folder(path: ByteName, attributes: Attributes): void {
    this.#begin(kinds.folder, path, sizeOf(attributes));
    this.#attributes(attributes);
  }

  file(path: ByteName, attributes: Attributes, content: Uint8Array): void {
    this.#begin(kinds.file, path, sizeOf(attributes) + 4 + content.length);
    this.#attributes(attributes);
    this.#long(content);
  }

  link(path: ByteName, attributes: Attributes, target: ByteName): void {
    this.#begin(kinds.link, path, sizeOf(attributes) + 4 + target.length);
    this.#attributes(attributes);
    this.#name(target);
  }

  hardLink(path: ByteName, existing: ByteName): void {
    this.#begin(kinds.hardLink, path, 4 + existing.length);
    this.#name(existing);
  }

  /** A device, or a fifo; `attributes.mode` holds its type (`nodeTypes`). */
  node(path: ByteName, attributes: Attributes, major: number, minor: number): void {
    this.#begin(kinds.node, path, sizeOf(attributes) + 8);
    this.#attributes(attributes);
    this.#u32(major);
    this.#u32(minor);
  }

  /** The attributes of the file that `descriptor` has open for writing. */
  finish(path: ByteName, descriptor: number, attributes: Attributes): void {
    this.#begin(kinds.finish, path, 4 + sizeOf(attributes));
    this.#u32(descriptor);
    this.#attributes(attributes);
  }

  times(path: ByteName, modified: Time): void {
    this.#begin(kinds.times, path, 12);
    this.#time(modified);
  }

  /** One more extended attribute of what is there. */
  xattr(path: ByteName, name: ByteName, value: Uint8Array): void {
    this.#begin(kinds.xattr, path, 2 + name.length + 4 + value.length);
    this.#short(name);
    this.#long(value);
  }

  /** The name and all that is below it. */
  remove(path: ByteName): void {
    this.#begin(kinds.remove, path, 0);
  }

  /** @throws SyscallError with the path in `args`; what comes after it was not done */
  flush(): void {
    if (this.#used === 0) return;
    const batch = this.#bytes.subarray(0, this.#used);
    this.#used = 0;
    call(() => native().runFileBatch(this.#root, batch));
  }

  #begin(kind: number, path: ByteName, more: number): void {
    const size = 5 + path.length + more;
    if (this.#used + size > batchBytes) this.flush();
    if (size > batchBytes) throw new Error(`${path}: an instruction of ${size} bytes is too long`);
    this.#bytes[this.#used] = kind;
    this.#used += 1;
    this.#name(path);
  }

  #attributes({ mode, owner, modified, xattrs }: Attributes): void {
    this.#u32(mode);
    this.#u32(owner?.uid ?? keepOwner);
    this.#u32(owner?.gid ?? keepOwner);
    this.#time(modified);
    this.#used = this.#bytes.writeUInt16LE(xattrs?.size ?? 0, this.#used);
    for (const [name, value] of xattrs ?? []) {
      this.#short(name);
      this.#long(value);
    }
  }

  #time({ seconds, nanoseconds }: Time): void {
    this.#used = this.#bytes.writeBigInt64LE(BigInt(seconds), this.#used);
    this.#u32(nanoseconds);
  }

  #name(name: ByteName): void {
    this.#u32(name.length);
    this.#used += this.#bytes.write(name, this.#used, 'latin1');
  }

  #short(name: ByteName): void {
    this.#used = this.#bytes.writeUInt16LE(name.length, this.#used);
    this.#used += this.#bytes.write(name, this.#used, 'latin1');
  }

  #long(bytes: Uint8Array): void {
    this.#u32(bytes.length);
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #u32(value: number): void {
    this.#used = this.#bytes.writeUInt32LE(value >>> 0, this.#used);
  }
}

const keepOwner = 0xffff_ffff;

function sizeOf({ xattrs }: Attributes): number {
  let size = 4 + 4 + 4 + 12 + 2;
  for (const [name, value] of xattrs ?? []) size += 2 + name.length + 4 + value.length;
  return size;
}
