// One thing after the other, for one container: there is no lock over all of them.
//
// - `new Queue()`, `.run(work)`: its turn comes when what was asked for before is done
// - `.isIdle`: nothing is at work or waiting
//
// A work that waits for the container to end must not hold the queue: the end wants its turn.

export class Queue {
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  get isIdle(): boolean {
    return this.#count === 0;
  }

  run<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    this.#count += 1;
    const result = this.#last.then(work);
    this.#last = result.then(
      () => (this.#count -= 1),
      () => (this.#count -= 1),
    );
    return result;
  }
}
