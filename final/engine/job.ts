// A job: the unit of work of the engine, modelled on a Unix process.
//
// - `JobType<Env, Result>`: a name and, for the type checker, what goes in and what comes out
// - `jobType(name)`: makes one; whoever registers it and whoever runs it share this value
// - `Job<Env>`: what a handler sees
// - `JobRecord`: what the log and the list of running jobs show
//
//   a process has            a job has
//   a name, arguments        name, args
//   an environment           env, but typed
//   stdin, stdout, stderr    stdin, stdout, stderr
//   an exit status           status: 0, or 1 with the errors that it left
//   a parent that ends it    signal
//
// It differs in one thing: beside its streams a job returns a value.

import type { Writable } from 'node:stream';

declare const types: unique symbol;

export interface JobType<Env, Result> {
  readonly name: string;
  readonly [types]?: (env: Env) => Result;
}

export function jobType<Env, Result>(name: string): JobType<Env, Result> {
  return { name };
}

/** As they arrive. A piece is whole until the next one is asked for. */
export type Bytes = AsyncIterable<Uint8Array>;

/** All but `env` may be left out. */
export interface JobInput<Env> {
  /** What it is about, for the log: ids and names, no secrets. */
  readonly args?: readonly string[];
  readonly env: Env;
  readonly stdin?: Bytes;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Aborted when nobody waits for the job any more. */
  readonly signal?: AbortSignal;
}

export interface Job<Env> extends Required<Pick<JobInput<Env>, 'args' | 'env' | 'signal'>> {
  readonly id: number;
  readonly name: string;
  readonly stdin: Bytes | undefined;
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
}

export type Handler<Env, Result> = (job: Job<Env>) => Result | Promise<Result>;

export interface JobRecord {
  readonly id: number;
  readonly name: string;
  readonly args: readonly string[];
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  /** Undefined while it runs. */
  readonly ended?: {
    readonly status: 0 | 1;
    readonly tookMs: number;
    readonly error?: string;
  };
}
