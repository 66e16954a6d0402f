// An archive becomes a root: a tar that a stranger has packed, unpacked safely.
//
// - `unpackTar(file, folder)`: unpacks it beneath `folder` → how much that was
// - `ArchiveRefused`: it holds what has no place in a root, and where
//
// A name with `..`, a name that leads through a link, a device: all of these are
// refused, and what was unpacked before stays for the caller to remove. Links are
// texts, which only the container will follow, in its own root. Owners are kept where
// we may give files away. Decompression happens in this process. Source: tar(5).

import { closeSync, createReadStream, openSync, readSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract, type Extract, type Header } from 'tar-stream';
import { Beneath, HostilePath, type Ownership } from './beneath.ts';

type Entry = Extract extends AsyncIterable<infer One> ? One : never;

export class ArchiveRefused extends Error {
  override readonly name = 'ArchiveRefused';
}

export interface Unpacked {
  readonly entries: number;
  /** Devices below `dev`, left out: a container gets its own. */
  readonly leftOut: readonly string[];
}

/** @throws ArchiveRefused naming the entry, Error if it is no archive */
export async function unpackTar(file: string, folder: string): Promise<Unpacked> {
  using beneath = Beneath.open(folder);
  const leftOut: string[] = [];
  const modes: Header[] = [];
  let entries = 0;
  try {
    for await (const entry of readTar(file)) {
      entries += 1;
      if (entry.header.type === 'directory') modes.push(entry.header);
      await unpackEntry(beneath, entry, leftOut);
    }
    // Last: a folder that may not be written could not have been filled.
    for (const header of modes) beneath.makeFolder(header.name, ownership(header));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ArchiveRefused(`${file}: ${message}`, { cause: error });
  }
  if (entries === 0) throw new ArchiveRefused(`${file}: it is no tar, or an empty one`);
  return { entries, leftOut };
}

function readTar(file: string): AsyncIterable<Entry> {
  const archive = extract();
  const source: Readable = createReadStream(file);
  const plain = isGzip(file) ? source.pipe(createGunzip()) : source;
  const fail = (error: Error): void => {
    archive.destroy(error);
  };
  source.on('error', fail);
  plain.on('error', fail);
  plain.pipe(archive);
  return archive;
}

async function unpackEntry(
  beneath: Beneath,
  entry: Entry,
  leftOut: string[],
): Promise<void> {
  const { header } = entry;
  const owner = ownership(header);
  switch (header.type) {
    case 'directory':
      beneath.makeFolder(header.name, { mode: 0o755 });
      break;
    case 'file':
    case 'contiguous-file':
      return writeFile(beneath.makeFile(header.name, owner), entry);
    case 'symlink':
      beneath.makeLink(header.name, header.linkname, owner);
      break;
    case 'link':
      beneath.makeHardLink(header.name, header.linkname);
      break;
    default:
      if (!/^(\.?\/)*dev\//.test(header.name)) {
        throw new HostilePath(`${header.name} is a ${header.type}: no file, no link`);
      }
      leftOut.push(header.name);
  }
  entry.resume();
}

async function writeFile(descriptor: number, content: Entry): Promise<void> {
  try {
    for await (const piece of content as AsyncIterable<Uint8Array>) {
      writeSync(descriptor, piece);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Only root may give files away; whoever else unpacks them owns them. */
function ownership({ mode, uid, gid }: Header): Ownership {
  const bits = { mode: mode & 0o7777 };
  return process.geteuid?.() === 0 ? { ...bits, uid, gid } : bits;
}

function isGzip(file: string): boolean {
  const start = Buffer.alloc(2);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, start);
  } finally {
    closeSync(descriptor);
  }
  return start.readUInt16BE(0) === 0x1f8b;
}
