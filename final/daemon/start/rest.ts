// A daemon at rest needs less memory than one that has just worked.
//
// - `restBeforeWork()`: before anybody is served; to start takes what is never needed again
// - `restBetweenBursts(jobsSoFar)`: once, after each burst of jobs; disposing ends it
//
// When no job was begun for a while, what is left of the last ones goes back to the kernel. Only if
// they have made the heap larger it is collected, too: whoever asks just then waits some ten
// milliseconds, once, for the heap keeps what it has grown to.

import { collectGarbage, giveBackMemory } from '@slipway/native';

const quietMs = 3000;
/** Of the heap, since it was collected. */
const muchBytes = 8 << 20;

export async function restBeforeWork(): Promise<void> {
  collectGarbage('all');
  await giveBackMemory();
}

/** @param jobsSoFar how many have been begun since the daemon has */
export function restBetweenBursts(jobsSoFar: () => number): Disposable {
  let seen = jobsSoFar();
  let rested = -1;
  let heapBytes = process.memoryUsage().heapTotal;
  const rest = async (): Promise<void> => {
    if (process.memoryUsage().heapTotal > heapBytes + muchBytes) {
      collectGarbage('once');
      heapBytes = process.memoryUsage().heapTotal;
    }
    await giveBackMemory();
  };
  const timer = setInterval(() => {
    const now = jobsSoFar();
    if (now === seen && now !== rested) {
      void rest();
      rested = now;
    }
    seen = now;
  }, quietMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
