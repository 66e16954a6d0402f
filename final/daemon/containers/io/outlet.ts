// A client's connection as a keeper can write to it.
//
// - `openOutlet(connection)`: a descriptor, and when all that went in has come out
//
// Mostly that is the connection's own socket: then no byte of output passes through this process.
// Where bytes have to be encrypted on their way it is one end of a pair, and we carry them over.

import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Connection } from '../../../api/connection.ts';

export interface Outlet extends Disposable {
  readonly descriptor: number;
  /** Resolves when what was written has reached the client's connection. */
  flushed(): Promise<void>;
}

/** @param folder where a socket may lie for a moment; `name` is free there */
export async function openOutlet(
  connection: Connection,
  folder: string,
  name: string,
): Promise<Outlet> {
  const own = connection.handOver();
  if (own !== undefined) {
    return { descriptor: own, flushed: () => Promise.resolve(), [Symbol.dispose]: () => undefined };
  }
  const [near, far] = await socketPair(join(folder, name));
  const carried = pipeline(far, connection.output, { end: false }).catch(() => undefined);
  return {
    descriptor: descriptorOf(near),
    flushed: async () => {
      near.destroy();
      await carried;
    },
    [Symbol.dispose]: () => {
      near.destroy();
      far.destroy();
    },
  };
}

async function socketPair(path: string): Promise<readonly [Socket, Socket]> {
  const server: Server = createServer({ pauseOnConnect: false });
  try {
    server.listen(path);
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    const near = connect(path);
    near.on('error', () => undefined);
    const [far] = z.tuple([z.custom<Socket>()]).parse(await accepted);
    far.on('error', () => undefined);
    return [near, far];
  } finally {
    server.close();
    rmSync(path, { force: true });
  }
}

const withHandle = z.object({ _handle: z.object({ fd: z.number().int().min(0) }) });

function descriptorOf(socket: Socket): number {
  const { _handle: handle } = withHandle.parse(socket);
  return handle.fd;
}
