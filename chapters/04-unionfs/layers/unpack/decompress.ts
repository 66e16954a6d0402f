// A layer's bytes, whatever they were packed with.
//
// - `decompressed(source)`: a file or a stream, packed or plain → the tar's bytes
// - `packingOf(start)`: what it was packed with, by its first bytes
//
// A piece is whole until the next one is asked for: a file is read into two buffers in
// turn, one of which fills while the other is worked on.
//
// What it is, the first bytes say, never a name. All of them check themselves: bytes
// that were changed or cut off on the way end in an error. Node knows gzip and zstd;
// what xz and bzip2 pack, which is rare, the addon unpacks.
// Sources: RFC 1952, RFC 8878, xz(1), bzip2(1).

import { open } from 'node:fs/promises';
import { Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { unpack, UnpackError } from '@slipway/native';
import { TarRefused } from '../../tar/entry.ts';

export type LayerSource = string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

const pieceBytes = 1 << 20;

/**
 * @param onRead is told how many bytes were read of the source
 */
export async function* decompressed(
  source: LayerSource,
  onRead: (bytes: number) => void = () => undefined,
): AsyncGenerator<Buffer> {
  const pieces = typeof source === 'string' ? read(source) : source;
  const counted = count(pieces, onRead);
  const { value: first } = await counted.next();
  if (first === undefined) return;
  const whole = chain(first, counted);
  const packing = packingOf(first);
  if (packing === undefined) yield* whole;
  else if (packing === 'xz' || packing === 'bzip2') yield* byAddon(packing, whole);
  else yield* byStream(unpackers[packing](), whole);
}

type Packing = 'gzip' | 'zstd' | 'xz' | 'bzip2';

const signs: Readonly<Record<Packing, Buffer>> = {
  gzip: Buffer.from([0x1f, 0x8b]),
  zstd: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
  xz: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
  bzip2: Buffer.from('BZh'),
};

export function packingOf(start: Buffer): Packing | undefined {
  const all: readonly Packing[] = ['gzip', 'zstd', 'xz', 'bzip2'];
  // zstd lets frames that are to be skipped stand before the first of the others.
  const word = start.length < 4 ? 0 : start.readUInt32LE(0);
  if (word >= 0x184d2a50 && word <= 0x184d2a5f) return 'zstd';
  return all.find(one => start.subarray(0, signs[one].length).equals(signs[one]));
}

const chunks = { chunkSize: 1 << 18 };

const unpackers = {
  gzip: () => createGunzip(chunks),
  zstd: () => createZstdDecompress(chunks),
};

async function* byStream(
  unpacker: Transform,
  whole: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const packed = streamOf(whole);
  packed.on('error', error => unpacker.destroy(error));
  try {
    yield* packed.pipe(unpacker) as AsyncIterable<Buffer>;
  } finally {
    packed.destroy();
    unpacker.destroy();
  }
}

/** @throws TarRefused in the program's words; what the source throws as it is */
async function* byAddon(
  packing: 'xz' | 'bzip2',
  whole: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    yield* unpack(packing, whole);
  } catch (cause) {
    if (!(cause instanceof UnpackError)) throw cause;
    throw new TarRefused(`it cannot be unpacked: ${cause.message}`, { cause });
  }
}

function streamOf(pieces: AsyncIterable<Buffer>): Readable {
  const how = { objectMode: false, highWaterMark: pieceBytes };
  return Readable.from(copied(pieces), how);
}

async function* read(path: string): AsyncGenerator<Buffer> {
  await using file = await open(path);
  let free = Buffer.allocUnsafe(pieceBytes);
  let filling = file.read(Buffer.allocUnsafe(pieceBytes));
  try {
    for (;;) {
      const { bytesRead, buffer } = await filling;
      if (bytesRead === 0) return;
      filling = file.read(free);
      yield buffer.subarray(0, bytesRead);
      free = buffer;
    }
  } finally {
    // Whoever leaves early asks for no more, and so hears of no failure.
    await filling.catch(() => undefined);
  }
}

/** For a stream, which asks for the next piece before it is done with this one. */
async function* copied(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece);
}

async function* count(
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    if (piece.length === 0) continue;
    onRead(piece.length);
    yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  }
}

async function* chain(
  first: Buffer,
  rest: AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    yield first;
    yield* rest;
  } finally {
    // Who stops at the first piece has not come to the others, and they are open, too.
    await rest.return(undefined);
  }
}
