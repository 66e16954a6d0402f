// The embedded name server: it listens inside a container and lives outside.
//
// - `serveNames(namespace, names, servers)`: until it is disposed of
//
// 127.0.0.11 port 53 of the container's own namespace, as in Docker. No process of ours
// is in there and no rule of a firewall: a socket stays in the namespace in which it
// was made, so the addon makes two there and hands them to Node's event loop. A hundred
// containers are two hundred descriptors, and no process. Who wants to serve names
// itself, at port 53 of all its addresses, starts with `--dns none`.

import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { bindSocket } from '@slipway/native';
import { answerFor, failure, fitting, limitOf, readQuery } from './answer.ts';
import type { Names } from './answer.ts';
import { forwardTcp, forwardUdp, frame, framed } from './forward.ts';

/** What a container finds in its resolv.conf. */
export const nameServer = '127.0.0.11';

/** Who has connected and asks nothing is in the way of others. */
const idleMs = 10_000;

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
  stack.adopt(udp, socket => {
    isOpen.now = false;
    socket.close();
  });
  udp.bind({ fd: bindSocket({ ...place, protocol: 'udp' }, namespace) });
  udp.on('error', () => undefined);
  udp.on('message', (bytes, { address, port }) => {
    void replyUdp(bytes, names, servers).then(answer =>
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
    serveTcp(socket, names, servers);
  });
  stack.adopt(tcp, server => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  tcp.listen({ fd: bindSocket({ ...place, protocol: 'tcp' }, namespace) });
  const held = stack.move();
  return { [Symbol.dispose]: () => held.dispose() };
}

async function replyUdp(
  bytes: Buffer,
  names: Names,
  servers: readonly string[],
): Promise<Buffer | undefined> {
  const query = readQuery(bytes);
  if (query === undefined) return undefined;
  const answer = answerFor(query, names);
  if (answer) return fitting(answer, limitOf(query));
  return (await forwardUdp(bytes, servers)) ?? failure(query);
}

function serveTcp(socket: Socket, names: Names, servers: readonly string[]): void {
  socket.setTimeout(idleMs, () => socket.destroy());
  socket.on('error', () => undefined);
  const read = framed(bytes => {
    void replyTcp(bytes, names, servers).then(reply =>
      reply === undefined ? socket.destroy() : socket.write(frame(reply)),
    );
  });
  socket.on('data', read);
}

async function replyTcp(
  bytes: Buffer,
  names: Names,
  servers: readonly string[],
): Promise<Buffer | undefined> {
  const query = readQuery(bytes);
  if (query === undefined) return undefined;
  const answer = answerFor(query, names);
  if (answer) return fitting(answer, 65_535);
  return (await forwardTcp(bytes, servers)) ?? failure(query);
}
