// A daemon at rest needs less memory than one that has just worked.
//
// - `restBeforeWork()`: before anybody is served; to start takes what is never needed again
// - `restBetweenBursts(jobsSoFar)`: once, after each burst of jobs; disposing ends it
//
// When no job was begun for a while, what is left of the last ones goes back to the kernel. Only if
// they have made the heap much larger it is collected, too: whoever asks just then has to wait.

import { collectGarbage, giveBackMemory } from '@slipway/native';

const quietMs = 3000;
/** Of the heap, since it was collected. */
const muchBytes = 32 << 20;

export function restBeforeWork(): void {
  collectGarbage('all');
  giveBackMemory();
}

/** @param jobsSoFar how many have been begun since the daemon has */
export function restBetweenBursts(jobsSoFar: () => number): Disposable {
  let seen = jobsSoFar();
  let rested = -1;
  let heapBytes = process.memoryUsage().heapTotal;
  const rest = (): void => {
    if (process.memoryUsage().heapTotal > heapBytes + muchBytes) {
      collectGarbage('once');
      heapBytes = process.memoryUsage().heapTotal;
    }
    giveBackMemory();
  };
  const timer = setInterval(() => {
    const now = jobsSoFar();
    if (now === seen && now !== rested) {
      rest();
      rested = now;
    }
    seen = now;
  }, quietMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
