// The keeper: a container's parent, which outlives the daemon (Docker calls it a shim).
//
// - `Keeper`: one process a container, the second role of slipway-init: it gives birth to the
//   container's init and execs, pumps their output, reaps them, keeps descriptors
// - `KeptChild`: a process of the container, as `Child` is one of our own
// - `Sink`, `LogFile`: where its output goes, besides each other
// - `KeptRequest`: what `Keeper.spawn` takes: `SpawnRequest` and the above
//
// What a daemon loses when it is killed, the next one gets back by `connectKeeper(folder)`:
// children, their standard input and terminal, and whatever was put by with `hold`. Nobody but the
// keeper ever reads an output or waits for a child, so nothing is lost and nothing told twice.
// The protocol is drawn in `wire/src/keeper.rs`.

import type { Writable } from 'node:stream';
import type { OpenDescriptor } from '../mounts.ts';
import type { ExitStatus, StepTiming } from '../process/child.ts';
import type { SpawnRequest } from '../process/spawn.ts';
import type { Stdio } from '../process/stdio.ts';

export type OutputStream = 'stdout' | 'stderr';

/** Where output is copied to as it comes: a client's connection, a pipe, a socket of ours. */
export interface Sink {
  /** Stays the caller's to close: the keeper has a duplicate. It becomes non-blocking. */
  readonly descriptor: number;
  /** Default: both. What comes out of a terminal is `stdout`. */
  readonly streams?: readonly OutputStream[];
  /** With Docker's header of eight bytes before each piece: stream, 0, 0, 0, length. */
  readonly isFramed: boolean;
  /** Shut the connection's writing side down after the last byte, or only close the duplicate. */
  readonly atEnd: 'shutdown' | 'close';
}

/** A sink that the keeper writes to. */
export interface AttachedSink {
  /**
   * `drained` once it holds every byte of its streams and they have ended, `broken` once its
   * reader has gone, `detached` after `detach`. Never rejects.
   */
  readonly ended: Promise<'drained' | 'broken' | 'detached'>;
  /** No more bytes, and no waiting for a reader that does not read. */
  detach(): void;
}

/** A file in Docker's json-file format, with its rotation. */
export interface LogFile {
  readonly folder: string;
  /** Its name in `folder`; rotated ones are `<file>.1`, `<file>.2` and so on. */
  readonly file: string;
  /** Rotated once it holds so much. Default: never. */
  readonly maxBytes?: number;
  /** How many files there are at most, with the current one. Default: 1, emptied when full. */
  readonly maxFiles?: number;
  /** A JSON object as text that stands as `attrs` in each line. Default: none. */
  readonly attributes?: string;
}

export interface KeptRequest extends Omit<SpawnRequest, 'stdio' | 'onBarrier'> {
  /** Unique in its keeper. */
  readonly name: string;
  /** Descriptors 0 to 2. Default: nothing to read, and both outputs pumped by the keeper. */
  readonly stdio?: Stdio;
  readonly log?: LogFile;
  /** Attached before the first byte; in this order they are `KeptChild.sinks`. */
  readonly sinks?: readonly Sink[];
  /** The keeper writes the end of this one into its folder's `exit`. Default: false. */
  readonly isMain?: boolean;
  readonly onBarrier?: (name: string, child: KeptChild) => void | Promise<void>;
}

/** How a kept child ended. */
export interface Ending {
  readonly status: ExitStatus;
  /** Nanoseconds since 1970. */
  readonly finishedAtNs: bigint;
  /** So many lines of the log were lost to a full disk. */
  readonly lostLines: number;
  /** The keeper was killed: the kernel has ended its children with it. */
  readonly hasLostKeeper: boolean;
}

export interface KeptChild {
  readonly name: string;
  readonly pid: number;
  /** Ours, not to be closed; -1 once it has ended, or the keeper's connection has. */
  readonly pidfd: number;
  /** Nanoseconds since 1970. */
  readonly startedAtNs: bigint;
  /** Known to the daemon that has started it. */
  readonly timings: readonly StepTiming[];
  readonly hasTerminal: boolean;
  /** The sinks of its request. */
  readonly sinks: readonly AttachedSink[];
  /** Resolves after every byte of its output is in the log and in each sink that is read. */
  wait(): Promise<Ending>;
  /** Sends a signal; false if the process has ended already. */
  kill(signal: NodeJS.Signals | number): boolean;
  /** Copies output from now on into `sink`, too. @throws SyscallError if its output has ended */
  attach(sink: Sink): Promise<AttachedSink>;
  /**
   * Its standard input or its terminal: one stream, however often it is asked for; undefined where
   * there is none, or no longer. To end it for the child, too: `closeStdin`.
   */
  stdin(): Promise<Writable | undefined>;
  /** The end of file inside, after what was written. Nothing happens to a terminal. */
  closeStdin(): Promise<void>;
  /** The size of its terminal. */
  resize(rows: number, columns: number): Promise<void>;
}

export interface Keeper extends Disposable {
  readonly folder: string;
  readonly pid: number;
  /** A start as `spawn`'s, but for the parent. @throws as `spawn` */
  spawn(request: KeptRequest): Promise<KeptChild>;
  /** Those that live, and those whose end no daemon has heard of before this one. */
  children(): readonly KeptChild[];
  /** Keeps a duplicate of `descriptor` for whoever asks for it by `name`; replaces a former one. */
  hold(name: string, descriptor: number): Promise<void>;
  /** A duplicate of what is held under `name`. */
  held(name: string): Promise<OpenDescriptor | undefined>;
  release(name: string): Promise<void>;
  /** Resolves when the keeper has ended, by itself or by force. */
  readonly gone: Promise<void>;
  /** Lets the keeper end as soon as it has no child; resolves when it has. */
  bye(): Promise<void>;
  /** Closes the connection. The keeper stays as long as it has children. */
  [Symbol.dispose](): void;
}

/** One that has no place yet; it ends with our connection. */
export interface WaitingKeeper extends Keeper {
  readonly isOpen: boolean;
  /**
   * Its folder, an own one and only root's: its socket and the file `exit` lie in it. The order is
   * sent at once, so a birth can follow it without waiting.
   *
   * @throws SyscallError EADDRINUSE if there is a keeper in it
   */
  place(folder: string): Promise<void>;
}

export interface KeeperPlace {
  /** An own folder, only root's: the keeper's socket and the file `exit` lie in it. */
  readonly folder: string;
  /** Control groups for the keeper itself. Default: the caller's. */
  readonly cgroups?: readonly string[];
}

/** Starts a keeper. @throws SyscallError EADDRINUSE if there is one in this folder */
export type StartKeeper = (place: KeeperPlace) => Promise<Keeper>;

/** The keeper that lives in `folder`, or undefined. */
export type ConnectKeeper = (folder: string) => Promise<Keeper | undefined>;
