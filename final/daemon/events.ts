// Events: what happened to containers, images, networks, volumes and the daemon, in order.
//
// - `new EventBus({ now })`
// - `emit(type, action, id, attributes)`      whoever changes something says so, once it is done
// - `read({ since, until, filters }, signal)` what happened from `since` on, then what happens;
//   ends
//                                             at `until`, or never
//
// The last 256 are kept for those who ask late. A reader gets every event once and in order; one
// that leaves 65,536 unread is cut off, because leaving some out would be worse.

import { EventEmitter, once } from 'node:events';
import type { Filters } from '../api/filters.ts';
import type { Moment } from '../api/moments.ts';
import { jobType } from '../engine/job.ts';
import { Refusal } from '../engine/refusal.ts';
import type { Event, EventType } from './events/event.ts';
import { isWanted } from './events/filter.ts';

export interface EventWindow {
  readonly since?: Moment | undefined;
  readonly until?: Moment | undefined;
  readonly filters?: Filters;
}

/** What is read lasts longer than the job, which ends when the reading begins. */
export const eventsJob = jobType<EventWindow, AsyncIterable<Event>>('events');

const kept = 256;
const mostUnread = 65_536;

export class EventBus {
  readonly #now: () => Moment;
  readonly #recent: Event[] = [];
  readonly #readers = new Set<Reader>();

  constructor({ now }: { readonly now: () => Moment }) {
    this.#now = now;
  }

  emit(
    type: EventType,
    action: string,
    id: string,
    attributes: Readonly<Record<string, string>> = {},
  ): void {
    const event: Event = { type, action, id, attributes: sorted(attributes), at: this.#now() };
    this.#recent.push(event);
    if (this.#recent.length > kept) this.#recent.shift();
    for (const reader of this.#readers) reader.add(event);
  }

  /** Begins with the call, not with the first step: nothing is missed in between. */
  read(window: EventWindow, signal: AbortSignal): AsyncIterable<Event> {
    const { since, until, filters = new Map() } = window;
    const isIn = (event: Event): boolean =>
      (since === undefined || event.at >= since) &&
      (until === undefined || event.at <= until) &&
      isWanted(event, filters);
    const asksForPast = since !== undefined || until !== undefined;
    const past = asksForPast ? this.#recent.filter(isIn) : [];
    const leftMs = until === undefined ? undefined : Number((until - this.#now()) / 1_000_000n);
    if (leftMs !== undefined && leftMs < 0) return iterate(past);
    const reader = new Reader(isIn);
    this.#readers.add(reader);
    // A generator that is never begun never ends either.
    signal.addEventListener('abort', () => this.#readers.delete(reader), { once: true });
    return this.#follow(reader, past, leftMs === undefined ? signal : ending(signal, leftMs));
  }

  async *#follow(
    reader: Reader,
    past: readonly Event[],
    signal: AbortSignal,
  ): AsyncGenerator<Event, void> {
    try {
      yield* past;
      yield* reader.follow(signal);
    } finally {
      this.#readers.delete(reader);
    }
  }
}

async function* iterate(events: readonly Event[]): AsyncGenerator<Event, void> {
  yield* events;
}

/** A timer's longest time is 24 days. */
function ending(signal: AbortSignal, leftMs: number): AbortSignal {
  const longest = 2 ** 31 - 1;
  return AbortSignal.any([signal, AbortSignal.timeout(Math.min(leftMs + 1, longest))]);
}

function sorted(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

class Reader extends EventEmitter {
  #unread: Event[] = [];
  readonly #isIn: (event: Event) => boolean;

  constructor(isIn: (event: Event) => boolean) {
    super();
    this.#isIn = isIn;
  }

  add(event: Event): void {
    if (!this.#isIn(event) || this.#unread.length > mostUnread) return;
    this.#unread.push(event);
    this.emit('more');
  }

  async *follow(signal: AbortSignal): AsyncGenerator<Event, void> {
    for (;;) {
      const events = this.#unread;
      if (events.length > mostUnread) throw new Refusal('FAILED', 'too many events are unread');
      this.#unread = [];
      yield* events;
      if (this.#unread.length > 0) continue;
      if (signal.aborted) return;
      await once(this, 'more', { signal }).catch(() => undefined);
    }
  }
}
