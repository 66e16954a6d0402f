// A daemon at rest needs less memory than one that has just worked.
//
// - `restBetweenBursts(jobsSoFar)`: once, after each burst of jobs; disposing ends it
//
// To start takes thirty megabytes that are never needed again, and so does an image of two hundred.
// When no job was begun for a while, what is left of the last ones goes back to the kernel.

import { giveBackMemory } from '@slipway/native';

const quietMs = 10_000;

/** @param jobsSoFar how many have been begun since the daemon has */
export function restBetweenBursts(jobsSoFar: () => number): Disposable {
  let seen = -1;
  let rested = -1;
  const timer = setInterval(() => {
    const now = jobsSoFar();
    if (now === seen && now !== rested) {
      giveBackMemory();
      rested = now;
    }
    seen = now;
  }, quietMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
