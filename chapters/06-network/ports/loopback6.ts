// What is published, from ::1: the one way that the firewall cannot go.
//
// - `serveLoopback6(listening, container)`: passes on what arrives, until disposed of
//
// The kernel looks for the route back to ::1 with the link that the packet came in by,
// and knows it by `lo` alone: so a container's answer to ::1 is dropped, whatever NAT
// makes of it. (127.0.0.1 has a setting for that, route_localnet.) Connections are
// taken here and made anew to the container. That is what Docker's proxy is for, too;
// ours is a socket in an event loop that runs anyhow. Other traffic never comes by.

import { connect, createServer, type Socket } from 'node:net';
import { formatIp, type Ip } from '../ipam/address.ts';
import type { ListeningPort } from './reserve.ts';

export function serveLoopback6(
  listening: readonly ListeningPort[],
  container: Ip,
): Disposable {
  const stack = new DisposableStack();
  for (const port of listening) stack.use(serveOne(port, formatIp(container)));
  return stack;
}

function serveOne(
  { descriptor, containerPort }: ListeningPort,
  to: string,
): Disposable {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, from => {
    const onward = connect({ host: to, port: containerPort, allowHalfOpen: true });
    for (const socket of [from, onward]) {
      open.add(socket);
      socket.on('error', () => undefined);
      // One that has broken takes the other along; one that has ended well does not.
      socket.on('close', () => {
        open.delete(socket);
        if (!socket.readableEnded) (socket === from ? onward : from).destroy();
      });
    }
    from.pipe(onward).pipe(from);
  });
  server.listen({ fd: descriptor });
  return {
    [Symbol.dispose]: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
