// A connected keeper: its children, what it holds, and its end.
//
// - `KeptBy`: the `Keeper` behind one connection
//
// Invariant: whatever the keeper said has reached the child that it is about, in its order; when
// the keeper has gone, every child has its end and every question its answer.

import { call, initDescriptor, native } from '../binding.ts';
import { openPath, type OpenDescriptor } from '../mounts.ts';
import { follow } from '../process/handshake.ts';
import { programText, refuseWrong } from '../process/spawn.ts';
import { Sinks } from './attached.ts';
import { birthOrder } from './protocol/births.ts';
import { Connection } from './protocol/connection.ts';
import { endingOf, Kept } from './kept.ts';
import type { KeptChild, KeptRequest, WaitingKeeper } from './keeper.ts';
import { keeperVersion, type Event } from './protocol/messages.ts';

export class KeptBy implements WaitingKeeper {
  #folder: string;
  readonly #connection: Connection;
  readonly #children = new Map<string, Kept>();
  readonly #sinks = new Sinks();
  readonly #known = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  #pid = -1;
  #isLeft = false;

  /** Takes `socket` over. `reap` resolves when the process has ended, for its parent. */
  constructor(folder: string, socket: number, reap: () => Promise<unknown>) {
    this.#folder = folder;
    this.#connection = new Connection(socket, (event, descriptor) => {
      this.#hear(event, descriptor);
    });
    this.#connection.ended.then(
      () => this.#end(reap),
      (error: unknown) => this.#gone.reject(error),
    );
  }

  get folder(): string {
    return this.#folder;
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  async place(folder: string): Promise<void> {
    using place = openPath(folder);
    this.#folder = folder;
    await this.#connection.ask({ order: 'place' }, [place.descriptor]);
  }

  get pid(): number {
    return this.#pid;
  }

  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /**
   * Resolves once it has said what it has; to nothing if it went away instead.
   *
   * @throws Error if it speaks another protocol
   */
  async ready(): Promise<this | undefined> {
    const isKnown = this.#known.promise.then(() => true);
    const isThere = await Promise.race([isKnown, this.#connection.ended.then(() => false)]);
    return isThere ? this : undefined;
  }

  async spawn(request: KeptRequest): Promise<KeptChild> {
    refuseWrong(request);
    const child = await this.#bear(request);
    try {
      await follow<Kept>(child, request);
      return child;
    } catch (error) {
      child.fail();
      child.closeChannel();
      child.kill('SIGKILL');
      await child.wait();
      throw error;
    } finally {
      child.closeChannel();
    }
  }

  async #bear(request: KeptRequest): Promise<Kept> {
    using birth = birthOrder(request);
    const program = programText(request);
    const init = initDescriptor();
    const born = await this.#connection.bear(birth.order, init, program, birth.descriptors);
    const { answer, channel, descriptor } = born;
    if (answer.type !== 'born') throw new Error(`a keeper answered a birth by ${answer.type}`);
    const { pid, startedAtNs } = answer;
    const facts = { name: request.name, pid, pidfd: descriptor, startedAtNs, hasTerminal: false };
    const child = new Kept(facts, this.#connection, this.#sinks, channel);
    child.takeSinks(answer.sinks);
    this.#children.set(child.name, child);
    return child;
  }

  children(): readonly KeptChild[] {
    return [...this.#children.values()];
  }

  async hold(name: string, descriptor: number): Promise<void> {
    await this.#connection.ask({ order: 'hold', name }, [descriptor]);
  }

  async held(name: string): Promise<OpenDescriptor | undefined> {
    const { descriptor } = await this.#connection.ask({ order: 'held', name });
    if (descriptor === -1) return undefined;
    return { descriptor, [Symbol.dispose]: () => native().close(descriptor) };
  }

  async release(name: string): Promise<void> {
    await this.#connection.ask({ order: 'release', name });
  }

  async bye(): Promise<void> {
    this.#connection.tell({ order: 'bye' });
    await this.#connection.ended;
  }

  [Symbol.dispose](): void {
    this.#isLeft = true;
    this.#connection.close();
  }

  #hear(event: Event, descriptor: number): void {
    switch (event.type) {
      case 'hello':
        if (event.version !== keeperVersion) {
          this[Symbol.dispose]();
          this.#known.reject(new Error(`the keeper in ${this.folder} is of another version`));
        }
        this.#pid = event.pid;
        return;
      case 'child':
        this.#children.set(
          event.name,
          new Kept({ ...event, pidfd: descriptor }, this.#connection, this.#sinks),
        );
        return;
      case 'known':
        return this.#known.resolve();
      case 'ended':
        this.#children.get(event.name)?.end(endingOf(event));
        this.#children.delete(event.name);
        return;
      case 'sinkEnded':
        return this.#sinks.end(event.sink, event.how);
    }
  }

  /** The connection has ended: we have left, or the keeper has, or it was killed. */
  async #end(reap: () => Promise<unknown>): Promise<void> {
    const children = [...this.#children.values()];
    if (this.#isLeft) {
      for (const child of children) child.release();
      return;
    }
    this.#sinks.breakAll();
    await Promise.all(children.map(child => child.outliveKeeper()));
    this.#children.clear();
    await reap();
    this.#gone.resolve();
  }
}

/** A keeper in `folder` that answers, as a descriptor. */
export function connectTo(folder: string): number | undefined {
  return call(() => native().connectKeeper(folder)) ?? undefined;
}
