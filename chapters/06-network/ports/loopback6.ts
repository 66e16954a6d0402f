// What is published, from ::1: the one way that the firewall cannot go.
//
// - `serveLoopback6(listening, container)`: passes on what arrives, until disposed of
//
// The kernel looks for the route back to ::1 with the link that the packet came in by,
// and knows it by `lo` alone: so a container's answer to ::1 is dropped, whatever NAT
// makes of it. (127.0.0.1 has a setting for that, route_localnet.) Connections are
// taken here and made anew to the container. That is what Docker's proxy is for, too;
// ours is a socket in an event loop that runs anyhow. Other traffic never comes by.
// Datagrams have no connection: each sender gets a socket of its own for as long as it
// goes on, so that the answers find it.

import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { connect, createServer, isIPv6, type Socket } from 'node:net';
import { formatIp, type Ip } from '../ipam/address.ts';
import type { ListeningPort } from './reserve.ts';

export function serveLoopback6(
  listening: readonly ListeningPort[],
  container: Ip,
): Disposable {
  const stack = new DisposableStack();
  for (const port of listening) {
    const serve = port.place.protocol === 'tcp' ? serveOne : serveDatagrams;
    stack.use(serve(port, formatIp(container)));
  }
  return stack;
}

/** Who has said nothing for so long has to begin anew. */
const idleMs = 90_000;
const mostSenders = 1000;

function serveDatagrams(
  { descriptor, containerPort }: ListeningPort,
  to: string,
): Disposable {
  const senders = new Map<string, DatagramSocket>();
  const server = createSocket('udp6');
  const isOpen = { now: true };
  const onwardFor = (sender: string, port: number): DatagramSocket => {
    const name = `${sender} ${port}`;
    const known = senders.get(name);
    if (known) return known;
    const onward = createSocket(isIPv6(to) ? 'udp6' : 'udp4');
    const end = (): void => {
      senders.delete(name);
      onward.close();
    };
    const late = setTimeout(end, idleMs).unref();
    onward.on('error', () => undefined);
    onward.on('close', () => clearTimeout(late));
    onward.on('message', answer => {
      late.refresh();
      if (isOpen.now) server.send(answer, port, sender, () => undefined);
    });
    senders.set(name, onward);
    return onward;
  };
  server.on('error', () => undefined);
  server.on('message', (bytes, { address, port }) => {
    if (senders.size >= mostSenders && !senders.has(`${address} ${port}`)) return;
    onwardFor(address, port).send(bytes, containerPort, to, () => undefined);
  });
  server.bind({ fd: descriptor });
  return {
    [Symbol.dispose]: () => {
      isOpen.now = false;
      server.close();
      for (const onward of senders.values()) onward.close();
    },
  };
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
