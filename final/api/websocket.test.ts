import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { ask, startEngine } from '../daemon/start/engine.fixture.ts';
import type { Connection } from './connection.ts';
import { close } from './http/hijack.ts';
import { converseByWebSocket, type MessageKind } from './websocket.ts';

type Conversation = (connection: Connection) => Promise<void>;

/** Whoever connects has the conversation. */
async function serve(
  { scratch, hold }: CheckContext,
  conversation: Conversation,
  kind: MessageKind = 'binary',
): Promise<string> {
  const server = createServer();
  server.on('upgrade', (request, socket: Socket, head) => {
    socket.unshift(head);
    const gone = new AbortController();
    socket.on('error', () => undefined).once('close', () => gone.abort());
    const how = { handOver: () => undefined, heard: () => Promise.resolve(), signal: gone.signal };
    const connection = { input: socket, output: socket, ...how };
    converseByWebSocket(request, connection, kind, conversation).then(
      () => close(socket),
      (error: unknown) => socket.end(String(error)),
    );
  });
  const path = join(await scratch(), 'ws.sock');
  await new Promise<void>(resolve => server.listen(path, resolve));
  const sockets = new Set<Socket>();
  server.on('connection', socket => sockets.add(socket));
  hold({
    [Symbol.asyncDispose]: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>(done => server.close(() => done()));
    },
  });
  return path;
}

interface Client {
  readonly socket: WebSocket;
  readonly messages: string[];
  readonly closed: Promise<number>;
}

async function open(path: string, url = '/'): Promise<Client> {
  const socket = new WebSocket(`ws+unix://${path}:${url}`);
  const messages: string[] = [];
  socket.on('message', (bytes, isBinary) => {
    if (Buffer.isBuffer(bytes)) messages.push(`${isBinary ? 'binary' : 'text'} ${String(bytes)}`);
  });
  const closed = new Promise<number>(resolve => socket.once('close', resolve));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return { socket, messages, closed };
}

const whole: Conversation = async ({ input, output }) => {
  const said = await text(input);
  output.write(Buffer.from(`heard ${said}`));
};

for (const kind of ['text', 'binary'] as const) {
  check(`text and bytes come in, ${kind} goes out, and a close ends the input alone`, async t => {
    const { socket, messages, closed } = await open(await serve(t, whole, kind));
    socket.send('one ');
    socket.send(Buffer.from('two'));
    socket.close(1001);
    expect(await closed).toBe(1000);
    expect(messages).toEqual([`${kind} heard one two`]);
  });
}

check('a message in fragments is one, and a ping between them is answered', async t => {
  const { socket, messages, closed } = await open(await serve(t, whole));
  const pong = new Promise(resolve => socket.once('pong', resolve));
  socket.send('in ', { fin: false });
  socket.ping('there?');
  expect(String(await pong)).toBe('there?');
  socket.send('pieces', { fin: true });
  socket.close();
  await closed;
  expect(messages).toEqual(['binary heard in pieces']);
});

const handshake = [
  ...['GET / HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket'],
  ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'],
];

/** Bytes as they are, then the end of them; what came back after the head. */
async function exchange(path: string, lines: readonly string[], bytes = ''): Promise<string> {
  const socket = connect({ path, allowHalfOpen: true });
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  socket.end(Buffer.from(bytes, 'latin1'));
  return (await buffer(socket)).toString('latin1');
}

check('a handshake is proved as RFC 6455 has it, and the end of bytes is a half-close', async t => {
  const path = await serve(t, whole);
  const answer = await exchange(path, handshake, '\x82\x82\0\0\0\0hi');
  const [head, frames] = answer.split('\r\n\r\n');
  expect(head).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  expect(frames).toBe('\x82\x08heard hi\x88\x02\x03\xe8');
});

check('a request that is no handshake is refused before anything is said', async t => {
  const path = await serve(t, whole);
  for (const [at, said] of [
    [4, 'Missing or invalid Sec-WebSocket-Key header'],
    [5, 'Missing or invalid Sec-WebSocket-Version header'],
  ] as const) {
    const answer = await exchange(path, handshake.toSpliced(at, 1));
    expect(answer).toBe(`Refusal: bad request: ${said}`);
  }
});

const broken: readonly (readonly [what: string, frame: string, code: string])[] = [
  ['that is not masked', '\x82\x02hi', '\x03\xea'],
  ['longer than one may be', '\x82\xff\0\0\0\0\x02\0\0\x01\0\0\0\0', '\x03\xf1'],
  ['of a kind that there is not', '\x83\x80\0\0\0\0', '\x03\xea'],
];

check('whoever breaks the protocol is told why, and cut off', async t => {
  const stays: Conversation = ({ signal }) =>
    new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()));
  const path = await serve(t, stays);
  for (const [what, frame, code] of broken) {
    const answer = await exchange(path, handshake, frame);
    expect([what, answer.split('\r\n\r\n')[1]]).toEqual([what, `\x88\x02${code}`]);
  }
});

check('who is gone without a word is not waited for by a conversation without any', async t => {
  let over = 0;
  const path = await serve(t, async ({ signal }) => {
    await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()));
    over += 1;
  });
  const socket = connect({ path });
  socket.write(`${handshake.join('\r\n')}\r\n\r\n`);
  await new Promise(resolve => socket.once('data', resolve));
  socket.destroy();
  await expect.poll(() => over, { timeout: 30_000, interval: 100 }).toBe(1);
});

check('who reads slowly slows down who writes, both ways', async t => {
  const piece = Buffer.alloc(65_536, 'x');
  const start = Promise.withResolvers<void>();
  let [taken, given] = [0, 0];
  const path = await serve(t, async ({ input, output }) => {
    const written = Array.from({ length: 64 }, async () => {
      await new Promise<void>(resolve => output.write(piece, () => resolve()));
      given += 1;
    });
    await start.promise;
    for await (const bytes of input) taken += (bytes as Buffer).length;
    await Promise.all(written);
  });
  const { socket, messages, closed } = await open(path);
  socket.pause();
  for (let sent = 0; sent < 64; sent += 1) socket.send(piece);
  await sleep(100);
  expect(given).toBeLessThan(64);
  expect(socket.bufferedAmount).toBeGreaterThan(piece.length);
  start.resolve();
  socket.resume();
  socket.close();
  expect(await closed).toBe(1000);
  expect([taken, messages.length]).toEqual([piece.length * 64, 64]);
});

const needs = ['root', 'native', 'overlay'] as const;

check('a container is talked to by attach/ws', { needs }, async t => {
  await using engine = await startEngine(await t.scratch());
  const create = ['create', '-i', '--network', 'none', 'busybox', 'wc', '-c'];
  const id = ask(engine, 'slipway', create).stdout.trim();
  const url = `/v1.45/containers/${id}/attach/ws?stream=1&stdin=1&stdout=1`;
  const { socket, messages, closed } = await open(engine.socket, url);
  expect(ask(engine, 'slipway', ['start', id]).status).toBe(0);
  socket.send('12345');
  socket.close();
  expect(await closed).toBe(1000);
  expect(messages).toEqual(['binary 5\n']);
});
