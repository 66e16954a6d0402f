// Requests that are none: what arrives is not HTTP, too long, or does not end.
//
// - `refuseBrokenRequest(error, socket)`   the parser's objection, as HTTP and JSON
// - `refuseConnect(socket)`                we are no proxy

import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

const known: Readonly<Record<string, readonly [status: number, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request is not complete: the engine no longer waits for it'],
  HPE_HEADER_OVERFLOW: [431, 'the head of the request is larger than 65536 bytes'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'the extensions of a chunk are too long'],
};

export function refuseBrokenRequest(error: Error, socket: Duplex): void {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNRESET' || code === 'EPIPE' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = known[code] ?? [400, `malformed HTTP request: ${reasonOf(error)}`];
  refuse(socket, status, message);
}

function reasonOf(error: Error): string {
  return 'reason' in error ? String(error.reason) : error.message;
}

export function refuseConnect(socket: Duplex): void {
  refuse(socket, 404, 'page not found');
}

function refuse(socket: Duplex, status: number, message: string): void {
  const body = `${JSON.stringify({ message })}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
