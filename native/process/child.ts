// A process that we started, held by its pidfd.
//
// - `Child`: what callers see
// - `RunningChild`: the same, and what `spawn` does to it while it starts
// - `ExitStatus`: how it ended
//
// A pidfd, unlike a pid, can never come to mean another process. Disposing of a child kills it,
// waits for it, and closes what is left; disposing of one that has ended only closes.

import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { ReadStream } from 'node:tty';
import { call, native } from '../binding.ts';
import type { Call } from '../program/program.ts';
import type { ParentEnds } from './stdio.ts';
import { SyscallError } from '../syscall-error.ts';

/** How a process ended: by itself, or by a signal. */
export type ExitStatus = { readonly code: number } | { readonly signal: NodeJS.Signals };

/** How long one step took. */
export interface StepTiming {
  readonly call: Call;
  readonly microseconds: number;
}

/** The master of the terminal that the container opened for itself. */
export interface Terminal {
  /** What the application prints comes out, keys go in; closed with the child. */
  readonly stream: ReadStream;
  /** Tells the kernel the window's size; the application gets SIGWINCH. */
  resize(rows: number, columns: number): void;
}

export interface Child {
  /** In the caller's PID namespace. */
  readonly pid: number;
  readonly pidfd: number;
  /** Ours to write and to end; only for `stdio` entries that are `'pipe'`. */
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  /** Only for a program with `openTerminal`. */
  readonly terminal: Terminal | undefined;
  /** One entry a step; `exec` itself is not timed. */
  readonly timings: readonly StepTiming[];
  /** How it ended, once it has. May be called often. */
  wait(): Promise<ExitStatus>;
  /** Sends a signal; false if the process has ended already. */
  kill(signal: NodeJS.Signals | number): boolean;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What the addon tells of a start. */
export interface Birth {
  readonly pid: number;
  readonly pidfd: number;
  readonly channel: number;
}

export class RunningChild implements Child {
  #pid: number;
  #pidfd: number;
  #channel: number;
  #terminal: Terminal | undefined;
  #timings: () => readonly StepTiming[] = () => [];
  #ended: Promise<ExitStatus> | undefined;
  #hasEnded = false;
  #disposed: Promise<void> | undefined;
  #closed = false;
  /** So many times the program may still go on in another process. */
  #forksLeft: number;
  /** Only for one that may. */
  #replaced: PromiseWithResolvers<void> | undefined;
  readonly #ends: ParentEnds;

  constructor(birth: Birth, ends: ParentEnds, forks: number) {
    this.#forksLeft = forks;
    if (forks > 0) this.#replaced = Promise.withResolvers();
    this.#pid = birth.pid;
    this.#pidfd = birth.pidfd;
    this.#channel = birth.channel;
    this.#ends = ends;
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

  get stdin(): Writable | undefined {
    return this.#ends.stdin;
  }

  get stdout(): Readable | undefined {
    return this.#ends.stdout;
  }

  get stderr(): Readable | undefined {
    return this.#ends.stderr;
  }

  get terminal(): Terminal | undefined {
    return this.#terminal;
  }

  get timings(): readonly StepTiming[] {
    return this.#timings();
  }

  wait(): Promise<ExitStatus> {
    return this.#forksLeft > 0 ? this.#waitForTheLast() : this.#waitForThisOne();
  }

  async #waitForTheLast(): Promise<ExitStatus> {
    for (;;) {
      const pidfd = this.#pidfd;
      const status = await this.#waitForThisOne();
      const hasForked = this.#forksLeft > 0 && 'code' in status && status.code === 0;
      if (pidfd === this.#pidfd && !hasForked) return status;
      // It has left the program to its child, of which we are about to hear.
      if (pidfd === this.#pidfd) await this.#replaced?.promise;
    }
  }

  /** One wait a process: the kernel tells the status once. */
  #waitForThisOne(): Promise<ExitStatus> {
    this.#ended ??= this.#reap();
    return this.#ended;
  }

  #reap(): Promise<ExitStatus> {
    const pidfd = this.#pidfd;
    const { promise, resolve, reject } = Promise.withResolvers<ExitStatus>();
    const look = (): void => {
      try {
        const status = call(() => native().wait(pidfd, look));
        if (status === null) return;
        this.#hasEnded = true;
        resolve(status < 0 ? exitStatus(0, -status) : { code: status });
      } catch (error) {
        reject(error);
      }
    };
    look();
    return promise;
  }

  kill(signal: NodeJS.Signals | number): boolean {
    if (this.#closed || this.#hasEnded) return false;
    return sendSignal(this.#pidfd, signal);
  }

  /** The process has forked into its namespaces and left: its child is the container now. */
  async becomeForked(pidfd: number): Promise<void> {
    const status = await this.#waitForThisOne();
    native().close(this.#pidfd);
    this.#pidfd = pidfd;
    this.#ended = undefined;
    this.#hasEnded = false;
    this.#forksLeft -= 1;
    this.#replaced?.resolve();
    this.#replaced = Promise.withResolvers();
    this.#pid = pidOf(pidfd);
    if (!('code' in status) || status.code !== 0) {
      throw new Error(`slipway-init's first process ended with ${JSON.stringify(status)}`);
    }
  }

  takeTerminal(descriptor: number): void {
    const stream = new ReadStream(descriptor);
    stream.pause();
    const resize = (rows: number, columns: number): void => {
      if (!stream.destroyed) call(() => native().setWindowSize(descriptor, rows, columns));
    };
    this.#terminal = { stream, resize };
  }

  takeTimings(timings: () => readonly StepTiming[]): void {
    this.#timings = timings;
  }

  /** Nothing more is heard from slipway-init: whoever waits, waits for this process. */
  closeChannel(): void {
    if (this.#channel === -1) return;
    this.#forksLeft = 0;
    this.#replaced?.resolve();
    native().close(this.#channel);
    this.#channel = -1;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    this.kill('SIGKILL');
    await this.wait();
    this.#closed = true;
    this.#ends.destroy();
    native().close(this.#pidfd);
    this.#terminal?.stream.destroy();
  }
}

/** Sends `signal` to the process of `pidfd`; false if it has ended. @throws SyscallError */
export function sendSignal(pidfd: number, signal: NodeJS.Signals | number): boolean {
  const number = typeof signal === 'number' ? signal : constants.signals[signal];
  try {
    call(() => native().pidfdSendSignal(pidfd, number));
    return true;
  } catch (error) {
    if (error instanceof SyscallError && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Real-time signals have no names of their own: they are told as a shell tells them. */
export function exitStatus(code: number, signal: number): ExitStatus {
  if (signal === 0) return { code };
  const names = Object.entries(constants.signals);
  const name = names.find(([, value]) => value === signal)?.[0];
  return name !== undefined && isSignal(name) ? { signal: name } : { code: 128 + signal };
}

function isSignal(name: string): name is NodeJS.Signals {
  return name in constants.signals;
}

/** The pid behind a pidfd, as our own /proc numbers it; 0 if that process has ended by now. */
export function pidOf(pidfd: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${pidfd}`, 'utf8');
  const line = /^Pid:\s*(-?\d+)$/m.exec(info);
  if (line?.[1] === undefined) throw new Error(`descriptor ${pidfd} is no pidfd`);
  return Math.max(Number(line[1]), 0);
}
