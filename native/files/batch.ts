// Many files in one call: instructions gathered here, carried out by the addon.
//
// - `new FileBatch(root)`: for the folder behind the descriptor `root`; to be disposed of
// - `.folder`, `.file`, `.link`, `.hardLink`, `.node`, `.times`, `.xattr`, `.remove`, `.finish`
// - `.begin`, `.more`: a file whose content comes in portions; nothing else until it is whole
// - `.open`, `.write`, `.close`: a file that is larger than `largestFile`, or has holes
// - `.flush()`: comes back when all is carried out
//
// What was gathered is handed to a thread of the addon when there is much of it: while one batch
// is carried out, the next one is written down. So a refusal comes later than what it is about,
// at the latest with `flush`; its `args` name the path.
//
// Every path is resolved beneath `root` and through no link; what has the name already gives way,
// except a folder where a folder is wanted. The form is drawn in addon/src/files/batch.rs.

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
  open: 10,
  write: 11,
  close: 12,
} as const;

/** Enough that a call costs nothing beside its work, little enough to stay in the cache. */
const batchBytes = 256 * 1024;

/** Of the content of one instruction: two of them fill a batch. */
const largestWrite = 120 * 1024;

/** One is written down here while eight are on their way: see addon/src/files/writer.rs. */
const buffers = 9;

export class FileBatch implements Disposable {
  readonly #writer: InstanceType<ReturnType<typeof native>['FileWriter']>;
  /** On their way, or come back: the oldest is the first. */
  readonly #spare: Buffer[] = [];
  #bytes: Buffer = Buffer.allocUnsafe(batchBytes);
  #used = 0;

  constructor(root: number) {
    this.#writer = call(() => new (native().FileWriter)(root));
  }

  /** Content up to this size fits an instruction; a larger file is opened and written. */
  static readonly largestFile = 64 * 1024;

  folder(path: ByteName, attributes: Attributes): void {
    this.#begin(kinds.folder, path, sizeOf(attributes));
    this.#attributes(attributes);
  }

  file(path: ByteName, attributes: Attributes, content: Uint8Array): void {
    this.begin(path, attributes, content.length);
    this.more(content);
  }

  /** A file of `size` bytes, all of which `more` is given before anything else is asked for. */
  begin(path: ByteName, attributes: Attributes, size: number): void {
    this.#begin(kinds.file, path, sizeOf(attributes) + 4 + size);
    this.#attributes(attributes);
    this.#u32(size);
  }

  more(content: Uint8Array): void {
    this.#bytes.set(content, this.#used);
    this.#used += content.length;
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

  /** A file that stays open until `close`: its content follows, by as many `write`s as it takes. */
  open(path: ByteName): void {
    this.#begin(kinds.open, path, 0);
  }

  write(path: ByteName, position: number, content: Uint8Array): void {
    for (let at = 0; at < content.length; at += largestWrite) {
      const piece = content.subarray(at, at + largestWrite);
      this.#begin(kinds.write, path, 12 + piece.length);
      this.#i64(position + at);
      this.#long(piece);
    }
  }

  /** What has no content up to `size` is a hole. */
  close(path: ByteName, size: number, attributes: Attributes): void {
    this.#begin(kinds.close, path, 8 + sizeOf(attributes));
    this.#i64(size);
    this.#attributes(attributes);
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
    const batch = this.#taken();
    call(() => this.#writer.run(batch));
  }

  /** Nothing happens beneath the folder after this; what was not flushed may never have been. */
  [Symbol.dispose](): void {
    this.#writer.close();
  }

  #handOver(): void {
    const batch = this.#taken();
    const next = this.#spare.length < buffers - 1 ? undefined : this.#spare.shift();
    this.#spare.push(this.#bytes);
    this.#bytes = next ?? Buffer.allocUnsafe(batchBytes);
    call(() => this.#writer.start(batch));
  }

  #taken(): Buffer {
    const batch = this.#bytes.subarray(0, this.#used);
    this.#used = 0;
    return batch;
  }

  #begin(kind: number, path: ByteName, more: number): void {
    const size = 5 + path.length + more;
    if (this.#used + size > batchBytes) this.#handOver();
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
    this.#i64(seconds);
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

  /** In two halves: no BigInt for each of thousands of files. */
  #i64(value: number): void {
    this.#u32(value % two32);
    this.#u32(Math.floor(value / two32));
  }

  #u32(value: number): void {
    this.#used = this.#bytes.writeUInt32LE(value >>> 0, this.#used);
  }
}

const keepOwner = 0xffff_ffff;
const two32 = 2 ** 32;

function sizeOf({ xattrs }: Attributes): number {
  let size = 4 + 4 + 4 + 12 + 2;
  for (const [name, value] of xattrs ?? []) size += 2 + name.length + 4 + value.length;
  return size;
}
