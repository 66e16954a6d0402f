// A connection that speaks WebSocket, as bytes both ways: for `attach/ws`.
//
// - `converseByWebSocket(request, connection, kind, converse)`: from the handshake to the last
//   close
//
// The protocol is `ws`'s (RFC 6455): handshake, frames, masks, pings, close codes. What is ours is
// the half-close, which WebSocket does not know and a process that reads to the end of its input
// needs: a client's close, or the end of what it sends, ends the input alone. The close is answered
// when the container has said all it had to say, with 1000. Whoever breaks the protocol is cut off.
// Who has said his last word may only listen, or be gone: of a quiet container he is asked for a
// sign of life, and the kernel answers for one who is gone.
//
// The output cannot be handed over: each piece needs its head.

import type { IncomingMessage } from 'node:http';
import { Duplex, Readable, Writable } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { invalid } from '../engine/refusal.ts';
import type { Connection } from './connection.ts';

/** Of one message, which is held until it is complete. */
const mostBytes = 32 << 20;

/** As often as browsers' own connections are asked, or more often. */
const lifeMs = 10_000;

/** How a client gets its messages. */
export type MessageKind = 'text' | 'binary';

/** @throws Refusal INVALID for a request that is no handshake; then nothing was written */
export async function converseByWebSocket(
  request: IncomingMessage,
  connection: Connection,
  kind: MessageKind,
  converse: (connection: Connection) => Promise<void>,
): Promise<void> {
  using channel = new Channel(connection);
  const client = accept(request, channel);
  channel.once('silent', () => client.endInput());
  const output = new Writable({
    write: (piece: Buffer, _, done) => client.send(piece, { binary: kind === 'binary' }, done),
  });
  // A client that has gone wants no more of it.
  output.on('error', () => undefined);
  const signal = AbortSignal.any([connection.signal, client.broken]);
  const quiet = { handOver: () => undefined, heard: () => Promise.resolve() };
  try {
    await converse({ input: client.input, output, ...quiet, signal });
  } finally {
    client.leave();
  }
  await new Promise<void>(resolve => output.end(resolve));
  client.finish();
  await new Promise<void>(resolve => channel.end(resolve));
}

function accept(request: IncomingMessage, channel: Channel): Client {
  const server = new WebSocketServer<typeof Client>({
    ...{ noServer: true, clientTracking: false, perMessageDeflate: false },
    ...{ maxPayload: mostBytes, skipUTF8Validation: true, WebSocket: Client },
  });
  const clients: Client[] = [];
  server.on('wsClientError', ({ message }) => {
    throw invalid(`bad request: ${message}`);
  });
  server.handleUpgrade(request, channel, Buffer.alloc(0), client => clients.push(client));
  const [client] = clients;
  if (client === undefined) throw invalid('bad request: it is no WebSocket handshake');
  client.listen();
  return client;
}

/** What `ws` answers of itself, except the client's close. */
class Client extends WebSocket {
  readonly input = new Readable({ read: () => this.resume() });
  readonly #broken = new AbortController();
  readonly broken = this.#broken.signal;
  #code = 1000;
  #asking: NodeJS.Timeout | undefined;

  /** On the tick that it was made. */
  listen(): void {
    this.on('message', bytes => Buffer.isBuffer(bytes) && this.#take(bytes));
    // `ws` has asked for a close with the code for it.
    this.on('error', () => {
      this.#broken.abort();
      super.close(this.#code);
    });
  }

  #take(bytes: Buffer): void {
    if (!this.input.push(bytes)) this.pause();
  }

  /** Asked for by `ws`, when it has had the client's close or cannot understand it. */
  override close(code = 1000): void {
    this.#code = code;
    this.endInput();
  }

  /** From now on nothing is heard of it by itself. */
  endInput(): void {
    this.input.push(null);
    this.#asking ??= setInterval(() => this.ping(() => undefined), lifeMs).unref();
  }

  leave(): void {
    clearInterval(this.#asking);
  }

  finish(): void {
    super.close(1000);
  }
}

/** The connection as `ws` wants it: the end of what a client sends is not the end of all. */
class Channel extends Duplex {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
    connection.input.on('data', this.#take).once('end', this.#end).pause();
  }

  readonly #take = (bytes: Buffer): void => {
    if (!this.push(bytes)) this.#connection.input.pause();
  };

  /** What is still to be read by `ws` comes first. */
  readonly #end = (): void => {
    const tell = (): boolean => this.readableLength === 0 && this.emit('silent');
    this.on('data', tell);
    tell();
  };

  override _read(): void {
    this.#connection.input.resume();
  }

  override _write(bytes: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#connection.output.write(bytes, done);
  }

  [Symbol.dispose](): void {
    this.#connection.input.off('data', this.#take).off('end', this.#end);
    this.destroy();
  }
}
