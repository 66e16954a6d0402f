// Answers on the wire.
//
// - `send(response, answer)`       everything but a connection that leaves HTTP
// - `sendError(response, error)`   a refusal with its status; anything else is our fault: 500
// - `sendRaw(socket, error)`       the same as bare text, on a connection that has left HTTP
//
// A client that reads slowly slows down who writes.

import { type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Refusal, statusOf } from '../../engine/refusal.ts';
import type { Answer } from '../route.ts';

export async function send(
  response: ServerResponse,
  answer: Exclude<Answer, { readonly kind: 'hijack' }>,
): Promise<void> {
  switch (answer.kind) {
    case 'empty':
      response.writeHead(answer.status, { ...lengthOf(answer.status), ...answer.headers }).end();
      return;
    case 'text':
      whole(response, 200, 'text/plain; charset=utf-8', answer.text, answer.headers);
      return;
    case 'json':
      whole(response, answer.status, json, `${JSON.stringify(answer.value)}\n`, answer.headers);
      return;
    case 'stream':
      response.writeHead(200, { 'Content-Type': answer.type, ...answer.headers });
      if (answer.withFirst !== true) response.flushHeaders();
      await pour(answer.chunks, response);
  }
}

const json = 'application/json';

function lengthOf(status: number): OutgoingHttpHeaders {
  return status === 204 ? {} : { 'Content-Length': 0 };
}

function whole(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: OutgoingHttpHeaders = {},
): void {
  const length = Buffer.byteLength(text);
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': length, ...headers });
  response.end(text);
}

async function pour(
  chunks: AsyncIterable<Uint8Array | string>,
  response: ServerResponse,
): Promise<void> {
  for await (const chunk of chunks) {
    if (response.destroyed) return;
    await written(response, chunk);
  }
  response.end();
}

/** Its memory is its owner's again then. A client that goes takes no notice of what is written. */
async function written(response: ServerResponse, chunk: Uint8Array | string): Promise<void> {
  // A text is nobody's to change: it goes out together with what is behind it.
  if (typeof chunk === 'string' && response.writableLength === 0) {
    response.write(chunk);
    return;
  }
  const done = Promise.withResolvers<void>();
  response.once('close', done.resolve);
  response.write(chunk, () => done.resolve());
  await done.promise;
  response.off('close', done.resolve);
}

function refusalOf(error: unknown): { readonly status: number; readonly message: string } {
  if (error instanceof Refusal) return { status: statusOf(error.code), message: error.message };
  const reason = error instanceof Error ? error.message : String(error);
  return { status: 500, message: `the engine failed: ${reason}` };
}

export function sendError(response: ServerResponse, error: unknown): void {
  const { status, message } = refusalOf(error);
  if (response.headersSent) {
    // What has gone out cannot be taken back: the client must see that the rest is missing.
    response.destroy();
  } else if (status === 304) {
    response.writeHead(304).end();
  } else {
    whole(response, status, json, `${JSON.stringify({ message })}\n`);
  }
}

export function sendRaw(socket: Socket, error: unknown): void {
  const { status, message } = refusalOf(error);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${raw}\r\n\r\n`;
  socket.write(`${head}${message}\r\n`);
}

const raw = 'application/vnd.docker.raw-stream';
