/**
 * A request on a bare socket, its answer counted and thrown away.
 *
 * - exchange(socket, request)  → { status, text, bytes, seconds }
 *
 * No HTTP library stands between the clock and the engine: the head is written by hand, what
 * arrives is read into one buffer. An upgraded answer is read until the engine ends it.
 */
import { open } from 'node:fs/promises';
import { connect } from 'node:net';

export interface RawRequest {
  readonly method: string;
  /** With its query, percent-encoded. */
  readonly path: string;
  /** A file that is the body. */
  readonly file?: string;
  /** The connection becomes a stream of its own. */
  readonly isUpgraded?: boolean;
  /** Called when the answer's head is there. */
  readonly onHead?: () => void;
}

export interface RawAnswer {
  readonly status: number;
  /** The first bytes of the answer: enough for a refusal. */
  readonly text: string;
  readonly bytes: number;
  readonly seconds: number;
}

const pieceBytes = 1 << 20;
const shownBytes = 4096;

/** @throws Error if the answer is no success, or says in its last line that it failed */
export async function exchange(socketPath: string, request: RawRequest): Promise<RawAnswer> {
  const began = performance.now();
  let bytes = 0;
  let first: Buffer = Buffer.alloc(0);
  let last: Buffer = Buffer.alloc(0);
  const buffer = Buffer.allocUnsafe(pieceBytes);
  const callback = (count: number): boolean => {
    bytes += count;
    const piece = buffer.subarray(0, count);
    if (first.length === 0) request.onHead?.();
    if (first.length < shownBytes) first = Buffer.concat([first, piece.subarray(0, shownBytes)]);
    last = Buffer.from(piece.subarray(-shownBytes));
    return true;
  };
  const socket = connect({ path: socketPath, onread: { buffer, callback } });
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('close', () => resolve());
    socket.once('error', reject);
  });
  await Promise.all([send(socket, request), closed]);
  const text = first.toString('latin1');
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0);
  const failure = /"errorDetail".*/.exec(last.toString('latin1'))?.[0];
  if (status < 100 || status >= 400 || failure !== undefined) {
    throw new Error(`${request.method} ${request.path}: ${failure ?? text}`);
  }
  return { status, text, bytes, seconds: (performance.now() - began) / 1000 };
}

async function send(socket: ReturnType<typeof connect>, request: RawRequest): Promise<void> {
  const { method, path, file, isUpgraded } = request;
  await using source = file === undefined ? undefined : await open(file);
  const size = source === undefined ? 0 : (await source.stat()).size;
  const kind = isUpgraded ? 'Upgrade\r\nUpgrade: tcp' : 'close';
  const about = source === undefined ? '' : 'Content-Type: application/x-tar\r\n';
  const head = `${method} ${path} HTTP/1.1\r\nHost: bench\r\nConnection: ${kind}\r\n${about}`;
  socket.write(`${head}Content-Length: ${size}\r\n\r\n`);
  if (source === undefined) return;
  for (let at = 0; at < size;) {
    const { bytesRead, buffer } = await source.read(
      Buffer.allocUnsafe(pieceBytes),
      0,
      pieceBytes,
      at,
    );
    at += bytesRead;
    await new Promise<void>(resolve =>
      socket.write(buffer.subarray(0, bytesRead), () => resolve()),
    );
  }
}
