// A layer's bytes, whatever they were packed with.
//
// - `decompressed(source)`: a file or a stream, plain, gzip or zstd → the tar's bytes
//
// What it is, the first bytes say, never a name. gzip and zstd check themselves: bytes
// that were changed or cut off on the way end in an error. Sources: RFC 1952, RFC 8878.

import { createReadStream } from 'node:fs';
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
  const pieces =
    typeof source === 'string'
      ? createReadStream(source, { highWaterMark: pieceBytes })
      : source;
  const counted = count(pieces, onRead);
  const { value: first } = await counted.next();
  if (first === undefined) return;
  const unpack = unpackerFor(first);
  const whole = chain(first, counted);
  if (unpack === undefined) {
    yield* whole;
    return;
  }
  const packed = Readable.from(whole, { objectMode: false, highWaterMark: pieceBytes });
  packed.on('error', error => unpack.destroy(error));
  try {
    yield* packed.pipe(unpack) as AsyncIterable<Buffer>;
  } finally {
    packed.destroy();
    unpack.destroy();
  }
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
