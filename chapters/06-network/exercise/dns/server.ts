// Made from ../../dns/server.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The embedded name server: it listens inside a container and lives outside.
//
// - `serveNames(namespace, names, servers)`: until it is disposed of
//
// 127.0.0.11 port 53 of the container's own namespace, as in Docker. No process of ours
// is in there and no rule of a firewall: a socket stays in the namespace in which it
// was made, so the addon makes two there and hands them to Node's event loop. A hundred
// containers are two hundred descriptors, and no process. Who wants to serve names
// itself, at port 53 of all its addresses, starts with `--dns none`.
//
// The descriptors are ours, and whoever asks is a stranger: what a container makes us
// hold at a time is bounded, and a flood is answered with a failure.

import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { bindSocket } from '@slipway/native';
import { answerFor, failure, fitting, limitOf, readQuery } from './answer.ts';
import type { Names } from './answer.ts';
import { forwardTcp, forwardUdp, frame, framed } from '../../dns/forward.ts';

/** What a container finds in its resolv.conf. */
export const nameServer = '127.0.0.11';

/** Who has connected and asks nothing is in the way of others. */
const idleMs = 10_000;

/** Connections, and questions that wait for another server's answer. */
const mostAtOnce = 128;

interface Serving {
  readonly names: Names;
  readonly servers: readonly string[];
  waiting: number;
}

/** @throws SyscallError EADDRINUSE if there is one in that namespace already */
export function serveNames(
  namespace: { readonly descriptor: number },
  names: Names,
  servers: readonly string[],
): Disposable {
  using stack = new DisposableStack();
  const place = { address: nameServer, port: 53 };
  const udp = createSocket('udp4');
  const isOpen = { now: true };
  const serving: Serving = { names, servers, waiting: 0 };
  stack.adopt(udp, socket => {
    isOpen.now = false;
    socket.close();
  });
  udp.bind({ fd: bindSocket({ ...place, protocol: 'udp' }, namespace) });
  udp.on('error', () => undefined);
  udp.on('message', (bytes, { address, port }) => {
    void replyUdp(bytes, serving).then(answer =>
      // The asker may be gone, and with it the whole namespace.
      answer && isOpen.now
        ? udp.send(answer, port, address, () => undefined)
        : undefined,
    );
  });
  const open = new Set<Socket>();
  const tcp = createServer(socket => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serveTcp(socket, serving);
  });
  tcp.maxConnections = mostAtOnce;
  stack.adopt(tcp, server => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  tcp.listen({ fd: bindSocket({ ...place, protocol: 'tcp' }, namespace) });
  const held = stack.move();
  return { [Symbol.dispose]: () => held.dispose() };
}

async function replyUdp(bytes: Buffer, serving: Serving): Promise<Buffer | undefined> {
  const query = readQuery(bytes);
  if (query === undefined) return undefined;
  const answer = answerFor(query, serving.names);
  if (answer) return fitting(answer, limitOf(query));
  return (await ask(forwardUdp, bytes, serving)) ?? failure(query);
}

/** Undefined if nobody answers, or too many wait already. */
async function ask(
  forward: typeof forwardUdp,
  bytes: Buffer,
  serving: Serving,
): Promise<Buffer | undefined> {
  if (serving.waiting >= mostAtOnce) return undefined;
  serving.waiting += 1;
  try {
    return await forward(bytes, serving.servers);
  } finally {
    serving.waiting -= 1;
  }
}

function serveTcp(socket: Socket, serving: Serving): void {
  socket.setTimeout(idleMs, () => socket.destroy());
  socket.on('error', () => undefined);
  const read = framed(bytes => {
    void replyTcp(bytes, serving).then(reply =>
      reply === undefined ? socket.destroy() : socket.write(frame(reply)),
    );
  });
  socket.on('data', read);
}

async function replyTcp(bytes: Buffer, serving: Serving): Promise<Buffer | undefined> {
  const query = readQuery(bytes);
  if (query === undefined) return undefined;
  const answer = answerFor(query, serving.names);
  if (answer) return fitting(answer, 65_535);
  return (await ask(forwardTcp, bytes, serving)) ?? failure(query);
}
// As made: 052c1655
