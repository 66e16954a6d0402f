// A place at a container's output, kept for a client before the container runs.
//
// - `new Seat(live, signal)`: from now on a start waits for who has it
// - `.take(sink)`: here it is; `.leave()`: it will not come
// - `.attached`: the sink when the container runs; undefined if it never does
//
// A client that has been told that it is attached starts the container at once: the seat must be
// there before it is told. One that never comes holds up nothing for longer than a moment.

import type { Sink } from '@slipway/native';
import type { Attached, Live, PendingSink } from '../core/live.ts';

const patienceMs = 2000;

export class Seat {
  readonly attached: Promise<Attached | undefined>;
  readonly #live: Live;
  readonly #pending: PendingSink;
  readonly #resolve: (sink: Sink | undefined) => void;
  readonly #timer: NodeJS.Timeout;

  constructor(live: Live, signal: AbortSignal) {
    const sink = Promise.withResolvers<Sink | undefined>();
    const attached = Promise.withResolvers<Attached | undefined>();
    this.attached = attached.promise;
    this.#live = live;
    this.#resolve = sink.resolve;
    this.#pending = { sink: sink.promise, attached: attached.resolve };
    live.pendingSinks.add(this.#pending);
    this.#timer = setTimeout(() => this.leave(), patienceMs);
    signal.addEventListener('abort', () => this.leave(), { once: true });
  }

  take(sink: Sink): void {
    clearTimeout(this.#timer);
    this.#resolve(sink);
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#live.pendingSinks.delete(this.#pending);
    this.#resolve(undefined);
    this.#pending.attached(undefined);
  }
}
