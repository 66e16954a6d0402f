// What of a container is true only while this daemon lives.
//
// - `Live`: its queue, its processes, who waits for it, who is attached before it runs
// - `Exec`, `PendingSink`: parts of it
//
// The record says what has to survive; this is built anew when the daemon starts.

import type { AttachedSink, KeptChild, Sink } from '@slipway/native';
import type { Running } from '../../../execdriver/driver.ts';
import type { ContainerId } from '../record/record.ts';
import type { ExecConfig } from '../exec/config.ts';
import { Queue } from './queue.ts';
import { SharedTree } from './tree.ts';
import { Waiters } from './waiters.ts';

/** How a container has ended, for those who wait. */
export interface ExitNotice {
  readonly exitCode: number;
  readonly error?: string;
}

/** A client that attached before the start. */
export interface PendingSink {
  /** Until it is known the container is not started; undefined if the client has gone. */
  readonly sink: Promise<Sink | undefined>;
  /** The same once the container runs; undefined if it never will. */
  readonly attached: (attached: Attached | undefined) => void;
}

export interface Attached {
  readonly sink: AttachedSink;
  readonly child: KeptChild;
}

/** A second process in a container. */
export interface Exec {
  readonly id: string;
  readonly containerId: ContainerId;
  readonly config: ExecConfig;
  /** What `--link` adds to its environment. */
  readonly linked: readonly string[];
  state: 'created' | 'starting' | 'running' | 'ended';
  pid: number;
  exitCode: number | null;
  child: KeptChild | undefined;
  size: { readonly rows: number; readonly columns: number } | undefined;
}

export class Live {
  readonly queue = new Queue();
  /** Its files, while it does not run or is being started. */
  readonly tree = new SharedTree();
  /** Told at each end of its processes, after the record has it. */
  readonly exits = new Waiters<ExitNotice>();
  /** Told when there is nothing left of it. */
  readonly removals = new Waiters<ExitNotice>();
  /** Told when it has been started. */
  readonly starts = new Waiters<true>();
  readonly pendingSinks = new Set<PendingSink>();
  readonly execs = new Map<string, Exec>();
  running: Running | undefined;
  /** Waits to start it again. */
  retry: NodeJS.Timeout | undefined;
  /** So many times it was started again in a row, for the back-off. */
  retries = 0;
  /** Why it is being ended by us, so that it is not started again. */
  isStopping = false;
  /** It will be started at once: its end is no reason to remove it. */
  isRestarting = false;
  /** Of its terminal, asked for before there was one. */
  size: { readonly rows: number; readonly columns: number } | undefined;
  /** Ends the watch over its health. */
  stopHealth: (() => void) | undefined;
}
