// A layer's bytes, whatever they were packed with.
//
// - `decompressed(source)`: a file or a stream, plain, gzip or zstd → the tar's bytes
//
// A piece is whole until the next one is asked for: a file is read into two buffers in
// turn, one of which fills while the other is worked on.
//
// What it is, the first bytes say, never a name. gzip and zstd check themselves: bytes
// that were changed or cut off on the way end in an error. Sources: RFC 1952, RFC 8878.

import { open } from 'node:fs/promises';
import { Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

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
  const unpack = unpackerFor(first);
  const whole = chain(first, counted);
  if (unpack === undefined) {
    yield* whole;
    return;
  }
  const packed = Readable.from(copied(whole), {
    objectMode: false,
    highWaterMark: pieceBytes,
  });
  packed.on('error', error => unpack.destroy(error));
  try {
    yield* packed.pipe(unpack) as AsyncIterable<Buffer>;
  } finally {
    packed.destroy();
    unpack.destroy();
  }
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
  rest: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

function unpackerFor(start: Buffer): Transform | undefined {
  const chunkSize = 1 << 18;
  if (start[0] === 0x1f && start[1] === 0x8b) return createGunzip({ chunkSize });
  const isZstd = start.length >= 4 && start.readUInt32LE(0) === 0xfd2fb528;
  return isZstd ? createZstdDecompress({ chunkSize }) : undefined;
}
