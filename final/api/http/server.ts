// The HTTP server: limits, the heads of answers, and what happens to requests that are none.
//
// - `apiServer({ dispatcher, tls })`   not listening yet; `server.listen(…)` is up to the
//   daemon
//
//     head of a request     at most 64 KiB, complete within 20 s          else 431, 408
//     body as JSON          at most 4 MiB, complete within 60 s           else 413, 408 (body.ts)
//     body as a stream      some of it every 5 minutes
//     no request at all     2 minutes, then the connection is closed
//
// Whatever arrives, the answer is HTTP with `{"message": …}`.

import {
  createServer,
  type IncomingMessage,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import { refuseBrokenRequest, refuseConnect } from './broken.ts';
import type { Dispatcher } from './dispatch.ts';
import { keepRest } from './hijack.ts';

export interface ApiServerOptions {
  readonly dispatcher: Dispatcher;
  readonly tls?: TlsOptions;
}

export type ApiServer = ReturnType<typeof createServer>;

const limits: ServerOptions = {
  maxHeaderSize: 65_536,
  headersTimeout: 20_000,
  requestTimeout: 0,
  keepAliveTimeout: 120_000,
  connectionsCheckingInterval: 5000,
  requireHostHeader: false,
  noDelay: true,
};

const mostConnections = 16_384;
const streamSilenceMs = 300_000;

export function apiServer({ dispatcher, tls }: ApiServerOptions): ApiServer {
  const options = {
    ...limits,
    shouldUpgradeCallback: (request: IncomingMessage) => dispatcher.leaves(request),
  };
  // A client that has nothing more to say goes on listening, over TLS as well: there Node would
  // answer its end with ours.
  const server =
    tls === undefined
      ? createServer(options)
      : createTlsServer({ ...options, ...tls, allowHalfOpen: true });
  server.maxConnections = mostConnections;
  const connections = new Connections();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    if (connections.hasLeft(socket)) return;
    connections.isAnswering(socket, response);
    for (const [name, value] of Object.entries(dispatcher.headers)) response.setHeader(name, value);
    limitSilence(request);
    void dispatcher.request(request, response, () => connections.leave(socket));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (socket instanceof Socket) void dispatcher.upgrade(request, socket, head);
  });
  server.on('connect', (_request, socket: Duplex) => refuseConnect(socket));
  server.on('checkExpectation', (_request, response: ServerResponse) => {
    const body = `${JSON.stringify({ message: 'only 100-continue can be expected here' })}\n`;
    response.writeHead(417, { 'Content-Type': 'application/json', Connection: 'close' }).end(body);
  });
  server.on('clientError', (error, socket: Duplex) => connections.refuse(error, socket));
  return server;
}

/** A body that comes in pieces may take its time, but not stop. */
function limitSilence(request: IncomingMessage): void {
  if (request.headers['transfer-encoding'] === undefined) return;
  request.socket.setTimeout(streamSilenceMs);
  request.once('end', () => request.socket.setTimeout(0));
}

/** What the parser objects to depends on what the connection is at. */
class Connections {
  readonly #answering = new WeakMap<Duplex, ServerResponse>();
  readonly #left = new WeakSet<Duplex>();

  isAnswering(socket: Duplex, response: ServerResponse): void {
    this.#answering.set(socket, response);
    response.once('close', () => this.#answering.delete(socket));
  }

  leave(socket: Duplex): void {
    this.#left.add(socket);
  }

  hasLeft(socket: Duplex): boolean {
    return this.#left.has(socket);
  }

  refuse(error: Error, socket: Duplex): void {
    const response = this.#answering.get(socket);
    if (this.#left.has(socket)) {
      if (socket instanceof Socket) keepRest(socket, error);
    } else if (response === undefined || !response.req.complete || !socket.writable) {
      if (response?.headersSent === true) socket.destroy();
      else refuseBrokenRequest(error, socket);
    } else {
      // The request before it was in order and gets its answer first.
      response.once('close', () => refuseBrokenRequest(error, socket));
    }
  }
}
