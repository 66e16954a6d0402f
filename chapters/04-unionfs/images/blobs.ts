// Files by name, in a folder or in a tar, without unpacking the tar.
//
// - `Files`: `read(name)` a small one, `open(name)` a large one, `has(name)`
// - `filesIn(path)`: of a folder or a tar; disposing closes what is open
//
// Of a tar the headers are read once and the contents are skipped. A name may be a link
// to another one: `docker save` wrote a layer that two images share once.
// Source: tar(5).

import {
  closeSync,
  constants,
  createReadStream,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { posix } from 'node:path';
import { TarReader } from '../tar/reader.ts';
import { blockSize, paddingOf, type TarEntry } from '../tar/entry.ts';
import { ImageRefused } from './schemas.ts';

export interface Files extends Disposable {
  has(name: string): boolean;
  /** @throws ImageRefused if it is not there, or no document but a mountain */
  read(name: string): Buffer;
  open(name: string): AsyncIterable<Uint8Array>;
}

const largestDocument = 16 << 20;
const pieceBytes = 1 << 20;

/** @throws ImageRefused, or Error if there is nothing at `path` */
export function filesIn(path: string): Files {
  return statSync(path).isDirectory() ? folderFiles(path) : tarFiles(path);
}

function folderFiles(folder: string): Files {
  const place = (name: string): string => `${folder}/${inside(name)}`;
  return {
    has: name => existsSync(place(name)),
    read: name => {
      if (!existsSync(place(name))) throw new ImageRefused(`${folder} has no ${name}`);
      const descriptor = openRegular(place(name), name);
      try {
        const { size } = fstatSync(descriptor);
        if (size > largestDocument) throw tooLarge(name, size);
        return readFileSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    },
    open: name => {
      const fd = openRegular(place(name), name);
      return createReadStream('', { fd, highWaterMark: pieceBytes });
    },
    [Symbol.dispose]: () => undefined,
  };
}

/** Others would be waited for in vain, or never end: a pipe, a device, a folder. */
function openRegular(path: string, name: string): number {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw new ImageRefused(`${name} is no ordinary file`);
}

interface Stored {
  readonly start: number;
  readonly size: number;
  readonly link?: string;
}

function tarFiles(path: string): Files {
  const descriptor = openRegular(path, path);
  refuseCompressed(descriptor, path);
  let stored: ReadonlyMap<string, Stored>;
  try {
    stored = indexOf(descriptor, path);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  const find = (name: string): Stored | undefined => {
    let found = stored.get(inside(name));
    for (let hops = 0; found?.link !== undefined && hops < 8; hops += 1) {
      found = stored.get(found.link);
    }
    return found;
  };
  const get = (name: string): Stored => {
    const found = find(name);
    if (found === undefined) throw new ImageRefused(`${path} has no ${name}`);
    return found;
  };
  return {
    has: name => find(name) !== undefined,
    read: name => {
      const { start, size } = get(name);
      if (size > largestDocument) throw tooLarge(name, size);
      const bytes = Buffer.alloc(size);
      if (readSync(descriptor, bytes, 0, size, start) === size) return bytes;
      throw new ImageRefused(`${path} ends in the middle of ${name}`);
    },
    open: name => {
      const { start, size } = get(name);
      if (size === 0) return nothing();
      const range = { start, end: start + size - 1, highWaterMark: pieceBytes };
      return createReadStream('', { ...range, fd: descriptor, autoClose: false });
    },
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

/** To find something in a compressed tar one would have to unpack all before it. */
function refuseCompressed(descriptor: number, path: string): void {
  const start = Buffer.alloc(4);
  readSync(descriptor, start, 0, 4, 0);
  const gzip = start.readUInt16BE(0) === 0x1f8b;
  if (!gzip && start.readUInt32LE(0) !== 0xfd2fb528) return;
  closeSync(descriptor);
  const tool = gzip ? 'gunzip' : 'unzstd';
  throw new ImageRefused(`${path} is compressed as a whole: ${tool} it first`);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Where each file's content stands. The reader never sees the contents. */
function indexOf(descriptor: number, path: string): ReadonlyMap<string, Stored> {
  const stored = new Map<string, Stored>();
  const { size: whole } = fstatSync(descriptor);
  let at = 0;
  let found: TarEntry | undefined;
  const reader = new TarReader({
    entry: entry => {
      found = entry;
    },
    content: () => undefined,
    end: () => undefined,
  });
  const block = Buffer.alloc(blockSize);
  while (readSync(descriptor, block, 0, blockSize, at) === blockSize) {
    at += blockSize;
    try {
      reader.write(Buffer.from(block));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ImageRefused(`${path} is no tar: ${why}`, { cause: error });
    }
    if (found === undefined) continue;
    const { name, kind, size, target } = found;
    const key = inside(name);
    if (kind === 'file') {
      stored.set(key, { start: at, size });
      at += size + paddingOf(size);
      if (at > whole) throw new ImageRefused(`${path} was cut off in ${name}`);
      reader.skipContent();
    } else if (kind === 'link') {
      const link = posix.join(posix.dirname(key), target);
      stored.set(key, { start: 0, size: 0, link });
    } else if (kind === 'hardLink') {
      stored.set(key, { start: 0, size: 0, link: inside(target) });
    }
    found = undefined;
  }
  if (stored.size === 0) throw new ImageRefused(`${path} is no tar, or an empty one`);
  return stored;
}

/** A name of a blob leads nowhere else. */
function inside(name: string): string {
  const clean = posix.normalize(name).replace(/^\.?\/+|\/+$/g, '');
  if (!clean.split('/').includes('..')) return clean;
  throw new ImageRefused(`the name ${JSON.stringify(name)} leads out of the image`);
}

function tooLarge(name: string, size: number): ImageRefused {
  return new ImageRefused(`${name} has ${size} bytes: that is no document`);
}
