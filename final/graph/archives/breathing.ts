// Much work in pieces, with a breath between them for whoever else waits.
//
// - `breathing(pieces)`: the same pieces; every few milliseconds others get their turn
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
