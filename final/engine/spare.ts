// One of a kind, made before somebody needs it: what a start would wait for is ready by then.
//
// - `Spare`: `.take()`: the one that is ready, or one made now; disposing gives up the one that is
//   left
//
// The next one is made a moment after the last was taken, when whoever took it has his answer. What
// is kept so hangs on descriptors alone: a daemon that is killed leaves nothing of it.

export interface SpareOptions<T> {
  readonly make: () => T;
  /** For one that nobody has taken. */
  readonly drop: (spare: T) => void;
  /** After this time. Default: 5. */
  readonly restMs?: number;
}

export class Spare<T> implements Disposable {
  readonly #options: SpareOptions<T>;
  #ready: { readonly value: T } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: SpareOptions<T>) {
    this.#options = options;
  }

  /** The caller's from now on. @throws as `make` */
  take(): T {
    const { value } = this.#ready ?? { value: this.#options.make() };
    this.#ready = undefined;
    this.#prepareLater();
    return value;
  }

  #prepareLater(): void {
    if (this.#timer !== undefined || this.#isOver) return;
    this.#timer = setTimeout(() => this.#prepare(), this.#options.restMs ?? 5);
    this.#timer.unref();
  }

  #prepare(): void {
    this.#timer = undefined;
    try {
      this.#ready ??= { value: this.#options.make() };
    } catch {
      // Whoever needs one will be told why there is none.
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#ready) this.#options.drop(this.#ready.value);
    this.#ready = undefined;
  }
}
