// What time it is, to the microsecond and never twice the same.
//
// - `new Clock()`, `now()`   nanoseconds since 1970, each later than the one before
//
// `Date.now()` knows the time to the millisecond only: what happened right after a caller had
// looked at his clock would seem to have happened before it. `process.hrtime` counts nanoseconds
// from an unknown start. Together they give both; where they part (somebody has set the clock) the
// date wins.

import type { Moment } from '../api/moments.ts';

const millisecond = 1_000_000n;

export interface ClockSources {
  readonly dateMs: () => number;
  readonly ticks: () => bigint;
}

const systemSources: ClockSources = { dateMs: Date.now, ticks: process.hrtime.bigint };

export class Clock {
  readonly #sources: ClockSources;
  /** What must be added to the ticks. */
  #offset: bigint;
  #last: Moment = 0n;

  constructor(sources: ClockSources = systemSources) {
    this.#sources = sources;
    this.#offset = this.#calibrate();
  }

  now(): Moment {
    const date = BigInt(this.#sources.dateMs()) * millisecond;
    let found = this.#offset + this.#sources.ticks();
    // The date is cut down to the millisecond: the time lies within it, or the clock was set.
    const off = found < date ? date - found : found - (date + millisecond - 1n);
    if (off > 0n) {
      this.#offset =
        off > 2n * millisecond ? this.#calibrate() : this.#offset + nudge(found < date, off);
      found = this.#offset + this.#sources.ticks();
    }
    this.#last = found > this.#last ? found : this.#last + 1n;
    return this.#last;
  }

  /** Waits for the date to go on, which takes a millisecond at most. */
  #calibrate(): bigint {
    const start = this.#sources.dateMs();
    let date = start;
    while (date === start) date = this.#sources.dateMs();
    return BigInt(date) * millisecond - this.#sources.ticks();
  }
}

function nudge(isBehind: boolean, by: bigint): bigint {
  return isBehind ? by : -by;
}
