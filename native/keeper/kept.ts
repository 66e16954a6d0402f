// A child of a keeper, as its daemon sees it; while it starts, it is what the handshake needs.
//
// - `Kept`: a `KeptChild`, and what the keeper's events do to it
// - `endingOf`: the event `ended`, or the file `exit`, as an `Ending`
//
// Invariant: the end is told once, by the keeper; only if the keeper itself was killed is it taken
// from the kernel. The pidfd is closed at the end, so that many execs cost nothing.

import { Socket } from 'node:net';
import { ReadStream } from 'node:tty';
import type { Writable } from 'node:stream';
import { call, native, whenReadable } from '../binding.ts';
import { exitStatus, pidOf, sendSignal, type StepTiming } from '../process/child.ts';
import type { Starting } from '../process/handshake.ts';
import { SyscallError } from '../syscall-error.ts';
import { sinkOrder, type Sinks } from './attached.ts';
import type { Connection } from './protocol/connection.ts';
import type { AttachedSink, Ending, KeptChild, Sink } from './keeper.ts';
import type { EndedEvent } from './protocol/messages.ts';

/** What a keeper tells of a child, at its birth or to a new daemon. */
export interface KeptFacts {
  readonly name: string;
  readonly pid: number;
  readonly pidfd: number;
  readonly startedAtNs: string;
  readonly hasTerminal: boolean;
}

export class Kept implements KeptChild, Starting {
  readonly name: string;
  readonly startedAtNs: bigint;
  readonly #connection: Connection;
  readonly #sinks: Sinks;
  readonly #ended = Promise.withResolvers<Ending>();
  #pid: number;
  #pidfd: number;
  #channel: number;
  #terminal = -1;
  #hasTerminal: boolean;
  #hasForked = false;
  #hasFailed = true;
  #timings: readonly StepTiming[] = [];
  #firstSinks: readonly AttachedSink[] = [];
  #input: Promise<Writable | undefined> | undefined;

  constructor(facts: KeptFacts, connection: Connection, sinks: Sinks, channel = -1) {
    this.name = facts.name;
    this.startedAtNs = BigInt(facts.startedAtNs);
    this.#pid = facts.pid;
    this.#pidfd = facts.pidfd;
    this.#hasTerminal = facts.hasTerminal;
    this.#connection = connection;
    this.#sinks = sinks;
    this.#channel = channel;
  }

  get pid(): number {
    return this.#pid;
  }

  get pidfd(): number {
    return this.#pidfd;
  }

  get channel(): number {
    return this.#channel;
  }

  get timings(): readonly StepTiming[] {
    return this.#timings;
  }

  get hasTerminal(): boolean {
    return this.#hasTerminal;
  }

  get sinks(): readonly AttachedSink[] {
    return this.#firstSinks;
  }

  wait(): Promise<Ending> {
    return this.#ended.promise;
  }

  kill(signal: NodeJS.Signals | number): boolean {
    return this.#pidfd !== -1 && sendSignal(this.#pidfd, signal);
  }

  async attach(sink: Sink): Promise<AttachedSink> {
    const order = { order: 'attach', name: this.name, sink: sinkOrder(sink, 0) } as const;
    const { answer } = await this.#connection.ask(order, [sink.descriptor]);
    return this.#follow(answer.type === 'done' ? (answer.sink ?? 0) : 0);
  }

  stdin(): Promise<Writable | undefined> {
    this.#input ??= this.#openInput();
    return this.#input;
  }

  async closeStdin(): Promise<void> {
    if (this.#hasTerminal) return;
    const input = await this.#input;
    if (input !== undefined && !input.destroyed) {
      await new Promise<void>(resolve => input.end(() => resolve()).once('close', () => resolve()));
    }
    if (this.#pidfd !== -1) await this.#ask('closeInput');
  }

  async resize(rows: number, columns: number): Promise<void> {
    const input = await this.stdin();
    if (this.#terminal === -1 || input === undefined || input.destroyed) return;
    call(() => native().setWindowSize(this.#terminal, rows, columns));
  }

  // The handshake.

  becomeForked(pidfd: number): void {
    native().close(this.#pidfd);
    this.#pidfd = pidfd;
    this.#pid = pidOf(pidfd);
    this.#hasForked = true;
  }

  takeTerminal(descriptor: number): void {
    this.#terminal = descriptor;
    this.#hasTerminal = true;
  }

  takeTimings(timings: () => readonly StepTiming[]): void {
    this.#timings = timings();
    this.#hasFailed = false;
  }

  /** It is not what was asked for. */
  fail(): void {
    this.#hasFailed = true;
  }

  closeChannel(): void {
    if (this.#channel === -1) return;
    native().close(this.#channel);
    this.#channel = -1;
    this.#connection.tell(
      {
        order: 'settled',
        name: this.name,
        pid: this.#hasForked ? this.#pid : null,
        hasTerminal: this.#terminal !== -1,
        hasFailed: this.#hasFailed,
      },
      [
        ...(this.#hasForked ? [this.#pidfd] : []),
        ...(this.#terminal === -1 ? [] : [this.#terminal]),
      ],
    );
    if (this.#terminal !== -1) this.#input = Promise.resolve(terminalStream(this.#terminal));
  }

  // The keeper's events.

  takeSinks(numbers: readonly number[]): void {
    this.#firstSinks = numbers.map(number => this.#follow(number));
  }

  end(ending: Ending): void {
    this.#ended.resolve(ending);
    if (this.#pidfd !== -1) native().close(this.#pidfd);
    this.#pidfd = -1;
    this.#dropInput();
  }

  /** We leave; it lives on. */
  release(): void {
    if (this.#pidfd !== -1) native().close(this.#pidfd);
    this.#pidfd = -1;
    this.#dropInput();
  }

  /**
   * The keeper was killed, and the kernel kills its children; this is when it has. One that had
   * not yet said so to the kernel, or has taken it back, is killed by us.
   */
  async outliveKeeper(): Promise<void> {
    this.kill('SIGKILL');
    if (this.#pidfd !== -1) await whenReadable(this.#pidfd);
    this.end({
      status: { signal: 'SIGKILL' },
      finishedAtNs: BigInt(Date.now()) * 1_000_000n,
      lostLines: 0,
      hasLostKeeper: true,
    });
  }

  #follow(sink: number): AttachedSink {
    const order = { order: 'detach', name: this.name, sink } as const;
    return this.#sinks.follow(sink, () => void this.#connection.tell(order));
  }

  async #openInput(): Promise<Writable | undefined> {
    const descriptor = this.#pidfd === -1 ? -1 : await this.#ask('input');
    if (descriptor === -1) return undefined;
    if (this.#hasTerminal) {
      this.#terminal = descriptor;
      return terminalStream(descriptor);
    }
    const stream = new Socket({ fd: descriptor, readable: false, writable: true });
    // A reader that has gone shows as EPIPE here; whoever writes is told by the write itself.
    return stream.on('error', () => undefined);
  }

  /** What is handed up, or -1; a child that has ended meanwhile has nothing. */
  async #ask(order: 'input' | 'closeInput'): Promise<number> {
    try {
      return (await this.#connection.ask({ order, name: this.name })).descriptor;
    } catch (error) {
      if (error instanceof SyscallError && error.code === 'ESRCH') return -1;
      throw error;
    }
  }

  #dropInput(): void {
    const isGone = (): undefined => undefined;
    this.#input?.then(stream => stream?.destroy(), isGone);
  }
}

/** The keeper alone reads from the terminal: this side is only written to. */
function terminalStream(descriptor: number): ReadStream {
  const stream = new ReadStream(descriptor);
  stream.pause();
  return stream.on('error', () => undefined);
}

export function endingOf(event: EndedEvent): Ending {
  return {
    status: exitStatus(event.code, event.signal),
    finishedAtNs: BigInt(event.finishedAtNs),
    lostLines: event.lostLines,
    hasLostKeeper: false,
  };
}
