// Requests to the engine.
//
// - `apiVersion`          that we speak
// - `new Api(host)`
// - `.json(request)`     what it answers, read to the end
// - `.stream(request)`   its answer as it comes
// - `.hijack(request)`   a connection that has left HTTP, both ways
//
// @throws ApiFailure with the engine's own words; Failure if nobody listens

import { IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ApiFailure, Failure } from './failure.ts';
import type { EngineHost } from './host.ts';

export interface ApiRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** What is undefined, false or empty is left out. */
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** An object becomes JSON. */
  readonly body?: object | Readable;
  readonly headers?: Readonly<Record<string, string>>;
}

type QueryValue = string | number | boolean | readonly string[] | undefined;

export const apiVersion = process.env['DOCKER_API_VERSION'] ?? '1.50';

export class Api {
  readonly host: EngineHost;

  constructor(host: EngineHost) {
    this.host = host;
  }

  async json(request: ApiRequest): Promise<unknown> {
    const answer = await this.stream(request);
    const body = await text(answer);
    return body.trim() === '' ? undefined : JSON.parse(body);
  }

  async stream(request: ApiRequest): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    await this.#send(request, {}, resolve, reject);
    const answer = await promise;
    await refuse(answer);
    return answer;
  }

  async hijack(request: ApiRequest): Promise<Socket> {
    const { promise, resolve, reject } = Promise.withResolvers<Socket | IncomingMessage>();
    const headers = { Connection: 'Upgrade', Upgrade: 'tcp' };
    const sent = await this.#send(request, headers, resolve, reject);
    sent.once('upgrade', (_answer, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    const answer = await promise;
    if (!(answer instanceof IncomingMessage)) return answer;
    await refuse(answer);
    throw new Failure('the engine did not open a stream');
  }

  async #send(
    { method = 'GET', path, query = {}, body, headers = {} }: ApiRequest,
    more: Readonly<Record<string, string>>,
    resolve: (answer: IncomingMessage) => void,
    reject: (error: Error) => void,
  ) {
    const { name, where, tls } = this.host;
    const json = body === undefined || body instanceof Readable ? undefined : JSON.stringify(body);
    const options: RequestOptions = {
      ...where,
      // Or Node takes our Host for it; without TLS it would compile an expression for 5 ms to ask
      // whether that is an address.
      ...{
        servername: tls === undefined || !('host' in where) || isIP(where.host) ? '' : where.host,
      },
      method,
      path: `/v${apiVersion}${encoded(path)}${queryOf(query)}`,
      headers: {
        Host: 'engine',
        ...(json !== undefined && { 'Content-Type': 'application/json' }),
        ...(body === undefined && method !== 'GET' && { 'Content-Length': 0 }),
        ...(json !== undefined && { 'Content-Length': Buffer.byteLength(json) }),
        ...headers,
        ...more,
      },
    };
    const sent =
      tls === undefined
        ? httpRequest(options)
        : (await import('node:https')).request({ ...options, ...tls });
    sent.once('response', resolve);
    sent.once('error', error => reject(explain(error, name)));
    if (body instanceof Readable) body.pipe(sent);
    else sent.end(json);
    return sent;
  }
}

/** What a user calls a thing is a part of the path, whatever is in it. */
function encoded(path: string): string {
  return encodeURI(path.toWellFormed()).replaceAll(/[?#]/g, one => encodeURIComponent(one));
}

function explain(error: Error, name: string): Failure {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'EACCES') {
    return new Failure(
      `permission denied while trying to connect to the engine at ${name}: ` +
        'become root, or a member of the group that owns the socket',
    );
  }
  if (!['ENOENT', 'ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH'].includes(code)) {
    return new Failure(`error during connect to ${name}: ${error.message}`);
  }
  return new Failure(
    `Cannot connect to the engine at ${name}. Is it running? (start it with: slipway daemon)`,
  );
}

async function refuse(answer: IncomingMessage): Promise<void> {
  const { statusCode = 0 } = answer;
  if (statusCode < 400) return;
  const body = (await text(answer)).trim();
  throw new ApiFailure(statusCode, messageOf(body) || `status ${statusCode}`);
}

function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    const isObject = typeof parsed === 'object' && parsed !== null && 'message' in parsed;
    return isObject ? String(parsed.message) : body;
  } catch {
    return body;
  }
}

function queryOf(query: Readonly<Record<string, QueryValue>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === false || value === '') continue;
    const values = Array.isArray(value) ? value : [value === true ? '1' : String(value)];
    for (const one of values) parameters.append(name, one);
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}
