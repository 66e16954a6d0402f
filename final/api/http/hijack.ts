// How a connection leaves HTTP: the socket without the server's parser, and its announcement.
//
// - `leaveHttp(response)`                  takes the socket from a request without `Upgrade`
// - `keepRest(socket, error)`              what the parser had read beyond that request
// - `takeBytes(socket, head, headers)`     the body of a request with `Upgrade`
// - `converse(request, socket, answer, signal)`
//                                          announces, hands the connection over, closes it at the
//   end
// - `close(socket)`                        so that the client gets all that was written
//
//     POST …/attach, Connection: Upgrade, Upgrade: tcp   →  101 UPGRADED, then bytes both ways
//     POST …/attach                                      →  200 OK, then the same
//
// The client may close its sending half and still listen: the reading ends, the writing goes on.

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { descriptorOf, isUnread } from '@slipway/native';
import { z } from 'zod';
import { invalid } from '../../engine/refusal.ts';
import type { Connection } from '../connection.ts';
import type { Answer } from '../route.ts';
import { converseByWebSocket } from '../websocket.ts';
import { longestMs, mostBytes, tooLarge, tooSlow } from './body.ts';

type Leaving = Extract<Answer, { readonly kind: 'hijack' }> & {
  readonly headers: Readonly<Record<string, string>>;
};

/** Must be called before anything is awaited: the parser goes on reading after that. */
export function leaveHttp(response: ServerResponse): Socket | undefined {
  const { socket } = response;
  if (socket === null || socket.destroyed) return undefined;
  response.detachSocket(socket);
  // A listener of ours takes the reading away from the parser; `close` stays, it frees the parser.
  socket.removeAllListeners('data').on('data', noop).removeListener('data', noop);
  // Nobody is to read until the route does: neither that listener, nor the parser, which resumes
  // the socket when it comes to the end of this request, on the same tick.
  Object.assign(socket, { readableFlowing: null, resume: () => socket });
  queueMicrotask(() => Reflect.deleteProperty(socket, 'resume'));
  for (const event of ['end', 'drain', 'timeout', 'error']) socket.removeAllListeners(event);
  socket.setTimeout(0).on('error', noop);
  return socket;
}

function noop(): void {
  // An error is followed by `close`, which is what is waited for.
}

const rejected = z.object({ rawPacket: z.instanceof(Buffer), bytesParsed: z.number().min(0) });

/** The parser takes what follows the request for another one, and fails: those bytes are ours. */
export function keepRest(socket: Socket, error: Error): void {
  const parsed = rejected.safeParse(error);
  if (!parsed.success) return;
  const { rawPacket, bytesParsed } = parsed.data;
  const head = rawPacket.subarray(0, bytesParsed + 1).lastIndexOf('\r\n\r\n');
  const start = head === -1 || bytesParsed - head > 12 ? bytesParsed : head + 4;
  socket.unshift(rawPacket.subarray(start));
}

/** The first bytes of what follows the head of a request with `Upgrade`; the rest stays. */
export async function takeBytes(
  socket: Socket,
  head: Buffer,
  headers: IncomingHttpHeaders,
): Promise<Buffer> {
  socket.setTimeout(0).on('error', noop);
  if (head.length > 0) socket.unshift(head);
  if (headers['transfer-encoding'] !== undefined) {
    throw invalid('a request with Upgrade must say how long its body is (Content-Length)');
  }
  const length = Number(headers['content-length'] ?? 0);
  if (length > mostBytes) throw tooLarge();
  if (length === 0) return Buffer.alloc(0);
  return readExactly(socket, length);
}

function readExactly(socket: Socket, length: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const timer = setTimeout(() => reject(tooSlow()), longestMs);
  const cut = (): void => reject(invalid('the body of the request is cut off'));
  const step = (): void => {
    // At the end a read gives what there is.
    const bytes: unknown = socket.read(length);
    if (Buffer.isBuffer(bytes) && bytes.length === length) resolve(bytes);
    else if (bytes !== null) cut();
  };
  socket.on('readable', step).on('end', cut).on('close', cut);
  step();
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off('readable', step).off('end', cut).off('close', cut);
  });
}

/** @throws what the conversation throws */
export async function converse(
  request: IncomingMessage,
  socket: Socket,
  { type, headers, webSocket, converse: conversation }: Leaving,
  signal: AbortSignal,
): Promise<void> {
  socket.setNoDelay(true);
  const handOver = (): number | undefined => handOverable(socket);
  const heard = (): Promise<void> => untilRead(socket);
  const connection: Connection = { input: socket, output: socket, heard, handOver, signal };
  if (webSocket !== undefined) {
    await converseByWebSocket(request, connection, webSocket, conversation);
  } else {
    await write(socket, headOf(type, headers, request.headers.upgrade !== undefined));
    await conversation(connection);
  }
  close(socket);
}

function headOf(type: string, headers: Leaving['headers'], upgrade: boolean): string {
  const first = upgrade
    ? ['HTTP/1.1 101 UPGRADED', `Content-Type: ${type}`, 'Connection: Upgrade', 'Upgrade: tcp']
    : ['HTTP/1.1 200 OK', 'Content-Type: application/vnd.docker.raw-stream'];
  const lines = [...first, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function write(socket: Socket, text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.write(text, () => resolve());
  return promise;
}

/** A client that is slow to read is not waited for. */
async function untilRead(socket: Socket): Promise<void> {
  for (let attempt = 0; attempt < 100 && isUnread(socket); attempt += 1) {
    await (attempt < 50 ? turn() : sleep(2));
  }
}

/** Undefined as long as bytes wait to be written: they would come after the other writer's. */
function handOverable(socket: Socket): number | undefined {
  const isOurs = socket instanceof TLSSocket || socket.writableLength > 0;
  return isOurs || socket.destroyed ? undefined : descriptorOf(socket);
}

/**
 * What the client has sent is read to its end, or closing would cut off what it has not yet read.
 */
export function close(socket: Socket): void {
  if (socket.destroyed) return;
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), 2000);
  socket.once('end', () => socket.destroySoon());
  socket.once('close', () => clearTimeout(timer));
}
