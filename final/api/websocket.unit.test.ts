import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Connection } from './connection.ts';
import { acceptKeyOf, overWebSocket } from './websocket.ts';

const handshake = {
  upgrade: 'websocket',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
};

test('a handshake is proved as RFC 6455 has it', () => {
  expect(acceptKeyOf(handshake)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  expect(() => acceptKeyOf({})).toThrow('no WebSocket handshake');
});

function masked(opcode: number, text: string): Buffer {
  const key = Buffer.from([1, 2, 3, 4]);
  const payload = Buffer.from(text).map((byte, at) => byte ^ (key[at % 4] ?? 0));
  const head = [0x80 | opcode, 0x80 | payload.length];
  return Buffer.concat([Buffer.from(head), key, payload]);
}

function open(): { input: PassThrough; output: PassThrough; connection: Connection } {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const { signal } = new AbortController();
  const socket = { input, output, handOver: () => 7, signal };
  return { input, output, connection: overWebSocket(socket, { isBinary: true }) };
}

test('frames become bytes, wherever they are cut, and a close is the end', async () => {
  const { input, connection } = open();
  const bytes = Buffer.concat([masked(2, 'one '), masked(1, 'two'), masked(8, ''), masked(2, 'x')]);
  for (const byte of bytes) input.write(Buffer.from([byte]));
  const pieces: string[] = [];
  for await (const piece of connection.input) pieces.push(String(piece));
  expect(pieces.join('')).toBe('one two');
});

test('output is put into frames, a ping is answered, and at the end it is said', async () => {
  const { input, output, connection } = open();
  expect(connection.handOver()).toBeUndefined();
  input.end(masked(9, 'still there?'));
  for await (const _ of connection.input);
  expect(output.read()).toEqual(Buffer.from('\x8a\x0cstill there?', 'latin1'));
  await new Promise<void>(resolve => {
    connection.output.write(Buffer.from('hi'));
    connection.output.write(Buffer.alloc(300, 'a'));
    connection.output.end(resolve);
  });
  const expected = `\x82\x02hi\x82\x7e\x01\x2c${'a'.repeat(300)}\x88\x02\x03\xe8`;
  expect(output.read()).toEqual(Buffer.from(expected, 'latin1'));
});
