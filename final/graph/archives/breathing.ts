// Much work in pieces, with a breath between them for whoever else waits.
//
// - `breathing(pieces)`: the same pieces; every few milliseconds others get their turn
// - `gathered(pieces)`: the same bytes in pieces of a quarter of a mebibyte and more
//
// A generator that only computes never lets the event loop go on: to `await` what is there already
// is no pause. Two hundred megabytes would be half a second in which nobody is answered.

import { setImmediate } from 'node:timers/promises';

const breathMs = 8;

export async function* breathing<T>(pieces: Iterable<T>): AsyncGenerator<T> {
  let last = performance.now();
  for (const piece of pieces) {
    yield piece;
    if (performance.now() - last < breathMs) continue;
    await setImmediate();
    last = performance.now();
  }
}

const gatheredBytes = 256 * 1024;

/** Small pieces become large ones: each piece costs whoever sends it a call. */
export function* gathered(pieces: Iterable<Buffer>): Generator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    if (waiting.length === 0 && piece.length >= gatheredBytes) {
      yield piece;
      continue;
    }
    // Its memory is its owner's again when the next one is asked for.
    waiting.push(Buffer.from(piece));
    bytes += piece.length;
    if (bytes < gatheredBytes) continue;
    yield Buffer.concat(waiting, bytes);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting, bytes);
}
