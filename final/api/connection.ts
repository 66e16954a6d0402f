// A client's connection after it has left HTTP: bytes both ways, for attach and exec.
//
// - `Connection`: what a job gets
//
// Output is the heavy direction. Whoever can write to a descriptor (a keeper) takes it with
// `handOver` and writes there itself, so that no byte of it passes through this process.

import type { Readable, Writable } from 'node:stream';

export interface Connection {
  /** What the client sends; ends when it half-closes. */
  readonly input: Readable;
  /** What the client is to see. */
  readonly output: Writable;
  /**
   * Resolves when the client has read what was written to it, or does not for a while. Clients are
   * known that lose output which comes in one piece with the announcement (docker-py).
   */
  heard(): Promise<void>;
  /**
   * The socket's own descriptor, for who writes to it without us; from then on `output` is not
   * written to. Undefined where bytes must be encrypted on their way.
   */
  handOver(): number | undefined;
  /** Aborted when the client is gone altogether. */
  readonly signal: AbortSignal;
}
