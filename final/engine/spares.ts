// Some of a kind, made before somebody needs them: what a start would wait for is ready by then.
//
// - `Spares`: `.take()`: one that is ready, or made now; `.close()`: the others are dropped
//
// More are made a moment after one was taken, when whoever took it has his answer. What is kept so
// hangs on descriptors alone: a daemon that is killed leaves nothing of it.

import { setTimeout as sleep } from 'node:timers/promises';

export interface SparesOptions<T> {
  readonly make: () => Promise<T>;
  /** For one that nobody has taken. */
  readonly drop: (spare: T) => void | Promise<void>;
  /** Whether it can still be used. Default: always. */
  readonly isGood?: (spare: T) => boolean;
  readonly most: number;
}

/** After this time of rest more are made: a start, and most often the wait for it, are over. */
const restMs = 10;
/** Between one and the next. */
const breathMs = 5;

export class Spares<T> {
  readonly #options: SparesOptions<T>;
  readonly #ready: T[] = [];
  #filling: Promise<void> | undefined;
  #isOver = false;

  constructor(options: SparesOptions<T>) {
    this.#options = options;
  }

  /** The caller's from now on. @throws as `make` */
  async take(): Promise<T> {
    const { isGood = () => true, make } = this.#options;
    const spare = this.#ready.shift();
    this.#filling ??= this.#fill();
    return spare !== undefined && isGood(spare) ? spare : make();
  }

  async #fill(): Promise<void> {
    try {
      let pauseMs = restMs;
      while (!this.#isOver && this.#ready.length < this.#options.most) {
        await sleep(pauseMs, undefined, { ref: false });
        pauseMs = breathMs;
        if (!this.#isOver) this.#ready.push(await this.#options.make());
      }
    } catch {
      // Whoever needs one will be told why there is none.
    } finally {
      this.#filling = undefined;
    }
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#filling;
    for (const spare of this.#ready.splice(0)) await this.#options.drop(spare);
  }
}
