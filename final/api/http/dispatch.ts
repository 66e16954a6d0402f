// From a request to its answer: the route is found, what was sent is read and checked, the route
// asked.
//
// - `new Dispatcher({ engine, routes, headers, faults })`
// - `.headers`                              in the head of every answer
// - `leaves(request)`                     whether its answer may leave HTTP
// - `request(request, response, left)`    one without `Upgrade`
// - `upgrade(request, socket, head)`      one with it, whose route `leaves`
//
// What a caller does wrong becomes a 4xx here, in the words of who noticed; only what we do wrong
// is a 500 and goes to `faults`.

import { type IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { z } from 'zod';
import type { Engine } from '../../engine/engine.ts';
import { Refusal } from '../../engine/refusal.ts';
import type { Answer, Call, Route } from '../route.ts';
import { send, sendError, sendRaw } from './answer.ts';
import { hasBody, parseBody, readBytes } from './body.ts';
import { close, converse, leaveHttp, takeBytes } from './hijack.ts';
import { Router } from './router.ts';
import { queryOf, type Target, targetOf } from './target.ts';

export interface DispatcherOptions {
  readonly engine: Engine;
  readonly routes: readonly Route[];
  readonly headers: Readonly<Record<string, string>>;
  /** Gets what is our fault. */
  readonly faults: (error: unknown, request: string) => void;
}

export class Dispatcher {
  readonly headers: DispatcherOptions['headers'];
  readonly #engine: Engine;
  readonly #router: Router;
  readonly #faults: DispatcherOptions['faults'];

  constructor({ engine, routes, headers, faults }: DispatcherOptions) {
    this.headers = headers;
    this.#engine = engine;
    this.#router = new Router(routes);
    this.#faults = faults;
  }

  leaves(request: IncomingMessage): boolean {
    try {
      return targetOf(request, this.#router).route.hijack === true;
    } catch {
      return false;
    }
  }

  /** `left` is called when the connection leaves HTTP, before anything else arrives on it. */
  async request(
    request: IncomingMessage,
    response: ServerResponse,
    left: () => void,
  ): Promise<void> {
    closeUnlessRead(request, response);
    try {
      if (request.method === 'OPTIONS') return await send(response, { kind: 'empty', status: 200 });
      const target = targetOf(request, this.#router);
      if (target.route.hijack === true) {
        // Without a body the parser must be stopped before anything is awaited.
        const bytes = hasBody(request.headers) ? await readBytes(request) : undefined;
        left();
        const socket = leaveHttp(response);
        await this.#leave(target, request, socket, Promise.resolve(bytes ?? Buffer.alloc(0)));
      } else {
        await this.#answer(target, request, response);
      }
    } catch (error) {
      this.#blame(error, request);
      sendError(response, error);
    }
  }

  async upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const target = targetOf(request, this.#router);
    await this.#leave(target, request, socket, takeBytes(socket, head, request.headers));
  }

  async #answer(target: Target, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    // Whoever has had the whole answer has not gone away.
    response.once('close', () => response.writableFinished || gone.abort());
    const reads = target.route.body !== undefined && target.route.body !== 'stream';
    const bytes = reads ? await readBytes(request) : undefined;
    const answer = await this.#ask(target, request, bytes, gone.signal);
    if (answer.kind === 'hijack')
      throw new Error(`${target.route.path} does not say that it leaves`);
    if (response.destroyed) return;
    await send(response, answer);
  }

  #ask(
    target: Target,
    request: IncomingMessage,
    bytes: Buffer | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { route, version, params } = target;
    const call: Call<unknown, unknown> = {
      engine: this.#engine,
      version,
      params,
      query: queryOf(target),
      body: bytes === undefined ? undefined : bodyOf(route, bytes, request),
      stream: route.body === 'stream' ? bytesOf(request) : none(),
      // Only `set-cookie` could be a list, and only in an answer.
      headers: request.headers as Readonly<Record<string, string | undefined>>,
      signal,
    };
    return route.handle(call);
  }

  /** The socket is ours from here on, whatever the answer is. */
  async #leave(
    target: Target,
    request: IncomingMessage,
    socket: Socket | undefined,
    body: Promise<Buffer>,
  ): Promise<void> {
    if (socket === undefined) return;
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    // Requests before this one have been answered on the same connection.
    const before = socket.bytesWritten;
    try {
      const answer = await this.#ask(target, request, await body, gone.signal);
      if (answer.kind !== 'hijack') return await send(this.#responseOn(socket, request), answer);
      await converse(request, socket, { ...answer, headers: this.headers }, gone.signal);
    } catch (error) {
      this.#blame(error, request);
      const isSilent = socket.bytesWritten === before;
      if (isSilent && target.route.refusals === 'raw') sendRaw(socket, error);
      else if (isSilent) sendError(this.#responseOn(socket, request), error);
      close(socket);
    }
  }

  /** For an ordinary answer on a connection that has already left. */
  #responseOn(socket: Socket, request: IncomingMessage): ServerResponse {
    const response = new ServerResponse(request);
    for (const [name, value] of Object.entries(this.headers)) response.setHeader(name, value);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once('finish', () => close(socket));
    return response;
  }

  #blame(error: unknown, { method, url }: IncomingMessage): void {
    if (!(error instanceof Refusal)) this.#faults(error, `${method} ${url}`);
  }
}

/** Who gives up reading them ends this stream, and not the connection that the answer goes on. */
async function* bytesOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    yield piece;
    free(piece);
  }
}

/**
 * Each piece is memory of its own. Thousands of them would wait for the collector, and the more
 * there are the more often it looks at everything.
 */
function free({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

async function* none(): AsyncGenerator<Buffer> {}

function bodyOf(route: Route, bytes: Buffer, { headers }: IncomingMessage): unknown {
  const { body, needsBody = false } = route;
  const isSchema = (one: typeof body): one is z.ZodType => one !== undefined && one !== 'stream';
  return isSchema(body) ? parseBody(bytes, headers, body, needsBody) : undefined;
}

/**
 * Who has not sent all when he has his answer is not waited for. But a connection that is closed
 * with something unread is reset, and the answer is lost: what comes is read for a while.
 */
function closeUnlessRead(request: IncomingMessage, response: ServerResponse): void {
  if (!hasBody(request.headers)) return;
  const { socket } = request;
  // The server's own end, after `Connection: close`, comes before ours.
  const destroySoon = (): void =>
    void (request.complete && Socket.prototype.destroySoon.call(socket));
  Object.assign(socket, { destroySoon });
  response.once('finish', () => {
    Reflect.deleteProperty(socket, 'destroySoon');
    if (request.complete) return;
    // Whoever began to read it waits for more; the stream notices a moment later that he has left.
    request.removeAllListeners('readable');
    setImmediate(() => request.resume());
    const timer = setTimeout(() => socket.destroy(), 2000);
    socket.once('close', () => clearTimeout(timer));
    request.once('end', () => {
      clearTimeout(timer);
      if (!response.shouldKeepAlive) socket.end();
    });
  });
}
