// A keeper of its own, for the tests, and clients that read what it writes.
//
// - `withKeeper(context, use)`: a keeper in a scratch folder, gone at the end
// - `client()`: a connection whose one end is a sink, and whose other end collects
// - `parseFrames`: Docker's frames, as pairs of stream and text

import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { CheckContext } from '@slipway/lab/check.ts';
import { openPair } from '../attached.ts';
import type { Keeper, Sink } from '../keeper.ts';
import { startKeeper } from '../start.ts';

export async function withKeeper(
  { scratch }: CheckContext,
  use: (keeper: Keeper, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await scratch();
  const keeper = await startKeeper({ folder });
  try {
    await use(keeper, folder);
  } finally {
    for (const child of keeper.children()) child.kill('SIGKILL');
    await keeper.bye();
    await keeper.gone;
  }
}

export interface Client {
  /** The daemon's side; `handOver` leaves it to the keeper alone. */
  readonly sink: Sink;
  /** What has been read when the connection has ended. */
  readonly everything: () => Promise<Buffer>;
  readonly socket: Socket;
  readonly handOver: () => void;
}

export function client(wishes: Partial<Omit<Sink, 'descriptor'>> = {}): Client {
  const pair = openPair();
  return {
    sink: { descriptor: pair.descriptor, isFramed: false, atEnd: 'shutdown', ...wishes },
    socket: pair.stream,
    everything: () => buffer(pair.stream),
    handOver: () => pair[Symbol.dispose](),
  };
}

export function parseFrames(bytes: Buffer): readonly (readonly [number, string])[] {
  const frames: [number, string][] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at + 4);
    frames.push([bytes.readUInt8(at), bytes.toString('utf8', at + 8, at + 8 + length)]);
    at += 8 + length;
  }
  return frames;
}
