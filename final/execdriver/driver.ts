// What runs containers: one interface, and a name for each implementation.
//
// - `ExecDriver`: start a container, find one again after a daemon's death, explain one
// - `Running`: a container at work, and all that can be done to it
// - `ExecDrivers`: the registry; `native` is the default, `lxc` a name until somebody registers it
//
// The life of a container here, and nothing more: a driver knows no names, images or records.
//
//   start ──────► Running ── ended ──► Ended ──► release
//   restore ─────────┘  (or Ended, if it ended while nobody looked)
//
// What a container owns hangs on its keeper: its streams, its log, a clone of its root. A daemon
// that dies leaves all of it as it is. What cannot hang on a process (its control groups) goes with
// `release`, which is due once for each container that was started, however it ended.

import type { KeptChild, LogFile, OpenDescriptor, Sink } from '@slipway/native';
import { invalid } from '../engine/refusal.ts';
import type { Network } from '../libcontainer/network.ts';
import type { Resources } from '../libcontainer/spec/resources.ts';
import type { RuntimeSpec, SpecProcess } from '../libcontainer/spec.ts';
import type { PreparedMount } from '../libcontainer/volumes.ts';
import type { ContainerStats } from './stats.ts';

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** What a program is about: the same for a start and for its explanation. */
export interface ContainerPlan {
  readonly id: string;
  readonly spec: RuntimeSpec;
  /**
   * Mounts that were prepared outside: volumes, and files of the engine's such as /etc/hosts, in
   * the order in which they are attached. One with the destination of a mount of the
   * configuration takes its place.
   */
  readonly mounts: readonly PreparedMount[];
  readonly network: Network;
  /** PID 1 stays to reap, and the application is its child. */
  readonly init?: boolean;
}

export interface StartRequest extends ContainerPlan {
  /** Of this container alone, below the exec root; it is there. The keeper's socket goes in. */
  readonly folder: string;
  /**
   * The root file system as a mount that hangs nowhere: `descriptor` is attached, `own` is a clone
   * that stays outside. Both are the caller's to close; the keeper holds duplicates.
   */
  readonly root: { readonly descriptor: number; readonly own: number };
  /** Standard input is open, to be written to; otherwise it is at its end. */
  readonly stdin: boolean;
  readonly log?: LogFile;
  /** Attached before the first byte; in this order they are `Running.main.sinks`. */
  readonly sinks?: readonly Sink[];
  /** Of its terminal, if `spec.process.terminal`. Default: 24 by 80. */
  readonly size?: TerminalSize;
  /** Called when all else is there and the program is about to run: connects its network. */
  readonly connect?: () => void;
  /** Called while the program is on its way: what nobody waits for but the answer. */
  readonly meanwhile?: () => void;
}

export interface RestoreRequest {
  readonly id: string;
  readonly folder: string;
  readonly spec: RuntimeSpec;
}

export interface ExecRequest {
  /** Unique among those of this container. */
  readonly id: string;
  readonly process: SpecProcess;
  readonly stdin: boolean;
  readonly size?: TerminalSize;
  readonly sinks?: readonly Sink[];
  /** Of a caller who gave `process` all rights; the container's filter stays, as with Docker. */
  readonly privileged?: boolean;
}

export interface Ended {
  /** As a shell counts: its own, or 128 + the number of the signal that ended it. */
  readonly exitCode: number;
  readonly finishedAt: Date;
  /** The same to the nanosecond, since 1970. */
  readonly finishedAtNs: bigint;
  /** The memory limit has ended a process of it. */
  readonly oomKilled: boolean;
}

/** How long one step of the start took. */
export interface StepTime {
  readonly call: string;
  readonly code: string;
  readonly why: string;
  /** Missing for what is not timed. */
  readonly microseconds?: number;
}

export interface Running {
  readonly id: string;
  /** On the host; 0 once it has ended. */
  readonly pid: number;
  /** Nanoseconds since 1970. */
  readonly startedAtNs: bigint;
  /** The application: streams, attach, log, resize. */
  readonly main: KeptChild;
  /** The program that was run, with its times; empty if an earlier daemon has run it. */
  steps(): readonly StepTime[];
  /** Calls when the memory limit has ended a process of it or holds one, until it ends itself. */
  onShortage(told: () => void): void;
  /** Resolves when it has ended; rejects if its keeper was killed (then nobody knows how). */
  readonly ended: Promise<Ended>;

  /**
   * A second process inside, in the same groups. @throws Refusal CONFLICT if it is paused or has
   * ended, FAILED (with Docker's words) if the program cannot be run
   */
  exec(request: ExecRequest): Promise<KeptChild>;
  /** The program of such a second process, a line each; nothing is run. */
  explain(process: SpecProcess): readonly StepTime[];
  /** False if it has ended. Thaws for a signal that ends. */
  kill(signal: number): Promise<boolean>;
  readonly isPaused: boolean;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Changes the limits that are named. @throws Refusal INVALID, CONFLICT */
  update(resources: Resources): void;
  stats(): ContainerStats;
  /** On the host. */
  processes(): readonly number[];
  /** Its files as it sees them now; undefined once it has ended. To be disposed of. */
  inside(): OpenDescriptor | undefined;
  /** Its root without what was mounted inside, ended or not. To be disposed of. */
  root(): Promise<OpenDescriptor>;
  /** Ends what is left of it and removes its groups and its keeper. */
  release(): Promise<void>;
}

export interface ExecDriver {
  readonly name: string;
  /**
   * Resolves when the application runs. If it rejects, nothing is left.
   *
   * @throws StartFailure with Docker's words and the exit code that `docker run` answers
   */
  start(request: StartRequest): Promise<Running>;
  /** What is there of a container that an earlier daemon has started; undefined: nothing. */
  restore(request: RestoreRequest): Promise<Running | undefined>;
  /** Ends a container whose keeper does not answer, by the keeper. `pid`: of the application. */
  abandon(pid: number): void;
  /** The program of system calls, a line each; nothing is run. */
  explain(plan: ContainerPlan): readonly StepTime[];
  /** What it has ready for a next start ends. */
  close?(): Promise<void>;
}

/** Makes a driver when it is asked for. */
export type MakeDriver<Settings> = (settings: Settings) => ExecDriver;

export class ExecDrivers<Settings> {
  readonly #makers = new Map<string, MakeDriver<Settings>>();

  /** @throws Error if the name is taken */
  register(name: string, make: MakeDriver<Settings>): void {
    if (this.#makers.has(name)) throw new Error(`exec driver ${name} is registered twice`);
    this.#makers.set(name, make);
  }

  names(): readonly string[] {
    return [...this.#makers.keys()];
  }

  /** @throws Refusal INVALID naming those that there are */
  make(name: string, settings: Settings): ExecDriver {
    const make = this.#makers.get(name);
    if (make !== undefined) return make(settings);
    throw invalid(`there is no exec driver ${name} here: choose ${this.names().join(' or ')}`);
  }
}
