// Those who wait for a container: to end, or to be gone.
//
// - `new Waiters()`, `.next(signal)`: resolves at the next `tell`, undefined if `signal` aborts
// - `.tell(value)`: to all who wait now
//
// Whoever waits and goes away leaves nothing behind.

export class Waiters<Value> {
  readonly #waiting = new Set<(value: Value | undefined) => void>();

  next(signal?: AbortSignal): Promise<Value | undefined> {
    if (signal?.aborted) return Promise.resolve(undefined);
    return new Promise(resolve => {
      const settle = (value: Value | undefined): void => {
        this.#waiting.delete(settle);
        signal?.removeEventListener('abort', leave);
        resolve(value);
      };
      const leave = (): void => settle(undefined);
      this.#waiting.add(settle);
      signal?.addEventListener('abort', leave);
    });
  }

  tell(value: Value): void {
    for (const settle of [...this.#waiting]) settle(value);
  }
}
