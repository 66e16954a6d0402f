// A connection that speaks WebSocket, as bytes both ways: for `attach/ws`.
//
// - `acceptKeyOf(headers)`: what the answer to the handshake proves that it was understood with
// - `overWebSocket(connection, { isBinary })`: the same connection without the frames
//
//     FIN opcode | MASK length(7, +16 or +64) | masking key | payload
//
// A client's frames are masked, ours are not. Pings are answered here; a close ends the input. The
// output cannot be handed over: each piece needs its head. Source: RFC 6455.

import { createHash } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { invalid } from '../engine/refusal.ts';
import type { Connection } from './connection.ts';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const opcode = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
/** What a person types is less; whoever sends more in one piece is cut off. */
const mostBytes = 1 << 20;

type Headers = Readonly<Record<string, string | undefined>>;

/** @throws Refusal INVALID for a request that is no handshake */
export function acceptKeyOf(headers: Headers): string {
  const { upgrade = '', 'sec-websocket-key': key, 'sec-websocket-version': version } = headers;
  if (upgrade.toLowerCase() !== 'websocket' || key === undefined || version !== '13') {
    throw invalid('bad request: it is no WebSocket handshake of version 13');
  }
  return createHash('sha1').update(`${key}${guid}`).digest('base64');
}

export function overWebSocket(
  connection: Connection,
  { isBinary }: { readonly isBinary: boolean },
): Connection {
  const { output, signal } = connection;
  const kind = isBinary ? opcode.binary : opcode.text;
  const framed = new Writable({
    write: (piece: Buffer, _, done) => {
      output.write(frame(kind, piece), () => done());
    },
    final: done => {
      output.write(frame(opcode.close, Buffer.from([3, 232])), () => done());
    },
  });
  framed.on('error', () => undefined);
  const input = Readable.from(payloads(connection), { objectMode: false });
  return { input, output: framed, handOver: () => undefined, signal };
}

function frame(kind: number, payload: Buffer): Buffer {
  const first = 0x80 | kind;
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([first, length]), payload]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head.writeUInt8(first, 0);
  head.writeUInt8(length < 65_536 ? 126 : 127, 1);
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

interface Frame {
  readonly kind: number;
  readonly payload: Buffer;
  readonly rest: Buffer;
}

/** Undefined as long as it is not complete. @throws Refusal INVALID for what no client sends */
function parseFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const kind = bytes.readUInt8(0) & 0x0f;
  const second = bytes.readUInt8(1);
  if ((second & 0x80) === 0) throw invalid('a frame of the client is not masked');
  const short = second & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start + 4) return undefined;
  const length =
    short === 126
      ? bytes.readUInt16BE(2)
      : short === 127
        ? Number(bytes.readBigUInt64BE(2))
        : short;
  if (length > mostBytes) throw invalid('a frame of the client is too long');
  const end = start + 4 + length;
  if (bytes.length < end) return undefined;
  const key = bytes.subarray(start, start + 4);
  const payload = Buffer.from(bytes.subarray(start + 4, end));
  for (let at = 0; at < payload.length; at += 1)
    payload[at] = (payload[at] ?? 0) ^ (key[at % 4] ?? 0);
  return { kind, payload, rest: bytes.subarray(end) };
}

async function* payloads({ input, output }: Connection): AsyncGenerator<Buffer> {
  let bytes = Buffer.alloc(0);
  for await (const piece of input.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, piece as Buffer]);
    for (let next = parseFrame(bytes); next !== undefined; next = parseFrame(bytes)) {
      bytes = Buffer.from(next.rest);
      if (next.kind === opcode.close) return;
      if (next.kind === opcode.ping) output.write(frame(opcode.pong, next.payload));
      else if (next.kind <= opcode.binary && next.payload.length > 0) yield next.payload;
    }
  }
}
