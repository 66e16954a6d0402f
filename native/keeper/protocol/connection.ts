// A connection with a keeper: orders go down, each answer finds its order, events are passed on.
//
// - `Connection.ask`: an order that is answered; `tell`: one that is not
// - `Connection.ended`: the keeper has closed it, or has died; who waits for an answer is told
//
// It sleeps in the event loop's own poll. A descriptor that comes up belongs to whoever gets it.

import { call, native, receive, whenReadable } from '../../binding.ts';
import { SyscallError } from '../../syscall-error.ts';
import type { Answer, Event, Order } from './messages.ts';

/** An answer, with the descriptor that came along or -1. */
export interface Answered {
  readonly answer: Exclude<Answer, { readonly type: 'refused' }>;
  readonly descriptor: number;
}

/** The keeper went away before it answered. */
class KeeperGoneError extends Error {
  override readonly name = 'KeeperGoneError';

  constructor() {
    super('the keeper has ended: its containers have ended with it');
  }
}

export class Connection {
  readonly #descriptor: number;
  readonly #hear: (event: Event, descriptor: number) => void;
  readonly #waiting: PromiseWithResolvers<Answered>[] = [];
  #isOpen = true;
  readonly ended: Promise<void>;

  /** Takes `descriptor` over. */
  constructor(descriptor: number, hear: (event: Event, descriptor: number) => void) {
    this.#descriptor = descriptor;
    this.#hear = hear;
    this.ended = this.#listen();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** @throws SyscallError where the keeper refuses, KeeperGoneError if it is no longer there */
  ask(order: Order, descriptors: readonly number[] = []): Promise<Answered> {
    return this.#expect(() =>
      native().sendOrder(this.#use(), JSON.stringify(order), [...descriptors]),
    );
  }

  /** A birth, and our end of its channel. */
  async bear(
    order: Order,
    init: number,
    program: string,
    descriptors: readonly number[],
  ): Promise<Answered & { readonly channel: number }> {
    const text = JSON.stringify(order);
    let channel = -1;
    try {
      const born = await this.#expect(() => {
        channel = native().orderBirth(this.#use(), text, init, program, [...descriptors]);
      });
      return { ...born, channel };
    } catch (error) {
      if (channel !== -1) native().close(channel);
      throw error;
    }
  }

  /** False if there is no keeper to tell. */
  tell(order: Order, descriptors: readonly number[] = []): boolean {
    if (!this.#isOpen) return false;
    try {
      call(() => native().sendOrder(this.#descriptor, JSON.stringify(order), [...descriptors]));
      return true;
    } catch (error) {
      if (error instanceof SyscallError && isGone(error)) return false;
      throw error;
    }
  }

  /** The end, from our side; `ended` follows. */
  close(): void {
    if (this.#isOpen) native().shutDown(this.#descriptor);
  }

  #use(): number {
    if (!this.#isOpen) throw new KeeperGoneError();
    return this.#descriptor;
  }

  async #expect(send: () => void): Promise<Answered> {
    const answered = Promise.withResolvers<Answered>();
    try {
      call(send);
    } catch (error) {
      throw error instanceof SyscallError && isGone(error) ? new KeeperGoneError() : error;
    }
    this.#waiting.push(answered);
    return answered.promise;
  }

  async #listen(): Promise<void> {
    for (;;) {
      await whenReadable(this.#descriptor);
      for (const { text, descriptor } of receive(this.#descriptor)) {
        if (text === '') return this.#end();
        this.#take(JSON.parse(text), descriptor);
      }
    }
  }

  #take(word: Answer | Event, descriptor: number): void {
    switch (word.type) {
      case 'born':
      case 'done':
      case 'handed':
        return this.#waiting.shift()?.resolve({ answer: word, descriptor });
      case 'refused':
        return this.#waiting.shift()?.reject(new SyscallError(word));
      case 'hello':
      case 'child':
      case 'known':
      case 'ended':
      case 'sinkEnded':
        return this.#hear(word, descriptor);
    }
  }

  #end(): void {
    this.#isOpen = false;
    native().close(this.#descriptor);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(new KeeperGoneError());
  }
}

function isGone(error: SyscallError): boolean {
  return error.code === 'EPIPE' || error.code === 'ECONNRESET' || error.code === 'ENOTCONN';
}
