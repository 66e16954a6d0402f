// The question that we cannot answer, put to somebody who may.
//
// - `forwardUdp(bytes, servers)`, `forwardTcp(…)`: the answer's bytes, or undefined
//
// Asked from the host's namespace, in which the servers can be reached: a container has
// no way to 127.0.0.53 of the host. The asker's number is replaced by a random one, and
// each question has a port of its own: an answer that was guessed hits neither.

import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';

const patienceMs = 2000;

type Ask = (bytes: Buffer, server: string) => Promise<Buffer | undefined>;

export function forwardUdp(
  bytes: Buffer,
  servers: readonly string[],
): Promise<Buffer | undefined> {
  return firstAnswer(bytes, servers, askUdp);
}

export function forwardTcp(
  bytes: Buffer,
  servers: readonly string[],
): Promise<Buffer | undefined> {
  return firstAnswer(bytes, servers, askTcp);
}

/** One server after the other, each for as long as it may take. */
async function firstAnswer(
  bytes: Buffer,
  servers: readonly string[],
  ask: Ask,
): Promise<Buffer | undefined> {
  const mine = Buffer.concat([randomBytes(2), bytes.subarray(2)]);
  for (const server of servers) {
    const answer = await ask(mine, server);
    if (answer) return Buffer.concat([bytes.subarray(0, 2), answer.subarray(2)]);
  }
  return undefined;
}

function askUdp(bytes: Buffer, server: string): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const { host, port } = placeOf(server);
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const late = setTimeout(resolve, patienceMs, undefined);
  socket.on('error', () => resolve(undefined));
  socket.on('message', answer => {
    if (answer.length > 12 && answer.readUInt16BE(0) === bytes.readUInt16BE(0)) {
      resolve(answer);
    }
  });
  // Connected: the kernel then drops what comes from anybody else.
  socket.connect(port, host, (error?: Error) => {
    if (error) resolve(undefined);
    else socket.send(bytes, () => undefined);
  });
  return promise.finally(() => {
    clearTimeout(late);
    socket.close();
  });
}

function askTcp(bytes: Buffer, server: string): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const { host, port } = placeOf(server);
  const socket = connect(port, host);
  socket.setTimeout(patienceMs, () => resolve(undefined));
  socket.on('error', () => resolve(undefined));
  socket.on('close', () => resolve(undefined));
  const read = framed(resolve);
  socket.on('data', read);
  socket.write(frame(bytes));
  return promise.finally(() => socket.destroy());
}

/** `1.1.1.1`, or with a port: `1.1.1.1:5353`, `[::1]:5353`. */
function placeOf(server: string): { readonly host: string; readonly port: number } {
  const found = /^(?:\[(.+)\]|([\d.]+)):(\d+)$/.exec(server);
  const [, six, four, port] = found ?? [];
  return { host: six ?? four ?? server, port: Number(port ?? 53) };
}

/** Over TCP each message has its length before it. */
export function frame(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Calls `take` with each whole message in what arrives piece by piece. */
export function framed(take: (message: Buffer) => void): (piece: Buffer) => void {
  let waiting = Buffer.alloc(0);
  return piece => {
    waiting = Buffer.concat([waiting, piece]);
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
      const end = 2 + waiting.readUInt16BE(0);
      take(waiting.subarray(2, end));
      waiting = waiting.subarray(end);
    }
  };
}
