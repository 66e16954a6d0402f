// What is said on a keeper's connection; the same in Rust, with the table: wire/src/keeper.rs.
//
// - `Order`: down, to the keeper
// - `Answer`: up, one for each order that wants one, in their order
// - `Event`: up, unasked
//
// Times are nanoseconds since 1970 as text. A number where a descriptor is meant is its place
// among those that come with the order.

/** So many descriptors stand before those that a birth brings: init, program, channel. */
export const firstPlace = 3;

export const keeperVersion = 1;

export interface SinkOrder {
  readonly descriptor: number;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly isFramed: boolean;
  readonly shutsDown: boolean;
}

export interface LogOrder {
  readonly folder: number;
  readonly file: string;
  readonly maxBytes: number;
  readonly maxFiles: number;
  readonly attributes: string;
}

export interface BirthOrder {
  readonly order: 'birth';
  readonly name: string;
  readonly flags: number;
  readonly forks: number;
  readonly isMain: boolean;
  readonly stdio: readonly number[];
  readonly descriptors: readonly number[];
  readonly cgroups: readonly string[];
  readonly log: LogOrder | null;
  readonly sinks: readonly SinkOrder[];
}

export type Order =
  | { readonly order: 'place' }
  | BirthOrder
  | {
      readonly order: 'settled';
      readonly name: string;
      readonly pid: number | null;
      readonly hasTerminal: boolean;
      readonly hasFailed: boolean;
    }
  | { readonly order: 'attach'; readonly name: string; readonly sink: SinkOrder }
  | { readonly order: 'detach'; readonly name: string; readonly sink: number }
  | {
      readonly order: 'input' | 'closeInput' | 'hold' | 'held' | 'release';
      readonly name: string;
    }
  | { readonly order: 'bye' };

export interface EndedEvent {
  readonly name: string;
  readonly pid: number;
  readonly code: number;
  readonly signal: number;
  readonly startedAtNs: string;
  readonly finishedAtNs: string;
  readonly lostLines: number;
}

export type Answer =
  | {
      readonly type: 'born';
      readonly pid: number;
      readonly startedAtNs: string;
      readonly sinks: readonly number[];
    }
  | { readonly type: 'done'; readonly sink: number | null }
  | { readonly type: 'handed' }
  | {
      readonly type: 'refused';
      readonly syscall: string;
      readonly args: string;
      readonly errno: number;
    };

export type Event =
  | { readonly type: 'hello'; readonly version: number; readonly pid: number }
  | {
      readonly type: 'child';
      readonly name: string;
      readonly pid: number;
      readonly startedAtNs: string;
      readonly hasTerminal: boolean;
    }
  | { readonly type: 'known' }
  | ({ readonly type: 'ended' } & EndedEvent)
  | {
      readonly type: 'sinkEnded';
      readonly name: string;
      readonly sink: number;
      readonly how: 'drained' | 'broken' | 'detached';
    };
