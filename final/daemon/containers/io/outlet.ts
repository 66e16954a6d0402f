// A client's connection as a keeper can write to it.
//
// - `openOutlet(connection)`: a descriptor, and when all that went in has come out
//
// Mostly that is the connection's own socket: then no byte of output passes through this process.
// Where bytes have to be encrypted on their way it is one end of a pair, and we carry them over.

import { pipeline } from 'node:stream/promises';
import { openPair } from '@slipway/native';
import type { Connection } from '../../../api/connection.ts';

export interface Outlet extends Disposable {
  readonly descriptor: number;
  /** Resolves when what was written has reached the client's connection. */
  flushed(): Promise<void>;
}

export function openOutlet(connection: Connection): Outlet {
  const own = connection.handOver();
  if (own !== undefined) {
    return { descriptor: own, flushed: () => Promise.resolve(), [Symbol.dispose]: () => undefined };
  }
  using undo = new DisposableStack();
  const { descriptor, stream } = undo.use(openPair());
  const ours = undo.move();
  // A client that has gone wants no more of it; whoever waits for the end learns it elsewhere.
  const carried = pipeline(stream, connection.output, { end: false }).catch(() => undefined);
  return {
    descriptor,
    flushed: async () => {
      ours.dispose();
      await carried;
    },
    [Symbol.dispose]: () => {
      ours.dispose();
      stream.destroy();
    },
  };
}
