// Bytes gathered into large pieces, whatever portions they come in.
//
// - `Pieces`: `.add(bytes)`, `.read(file, …)`; `.isFull`, then `.take()`
//
// Two hundred megabytes in forty thousand portions are forty thousand buffers to be
// collected again, and as many calls to whoever hashes and sends them; as pieces of a
// mebibyte they are two hundred.

import { readSync } from 'node:fs';

const pieceBytes = 1 << 20;

export class Pieces {
  #piece = Buffer.allocUnsafe(pieceBytes);
  #used = 0;

  get isFull(): boolean {
    return this.#used === pieceBytes;
  }

  /** What has been gathered; the next piece begins. */
  take(): Buffer {
    const piece = this.#piece.subarray(0, this.#used);
    this.#piece = Buffer.allocUnsafe(pieceBytes);
    this.#used = 0;
    return piece;
  }

  /** As much of `bytes` as has room, from `at` on. @returns how much that was */
  add(bytes: Buffer, at = 0): number {
    const count = bytes.copy(this.#piece, this.#used, at);
    this.#used += count;
    return count;
  }

  /** The same of a file; nothing at its end. `position` is pread(2)'s, or null. */
  read(file: number, most: number, position: number | null): number {
    const room = Math.min(most, pieceBytes - this.#used);
    const count = readSync(file, this.#piece, this.#used, room, position);
    this.#used += count;
    return count;
  }

  /** Zeros in place of what a file does not hold any more. */
  addZeros(most: number): number {
    const end = Math.min(this.#used + most, pieceBytes);
    const count = end - this.#used;
    this.#piece.fill(0, this.#used, end);
    this.#used = end;
    return count;
  }

  /** All of `bytes`, and each piece that is full by then. */
  *put(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += this.add(bytes, at)) {
      if (this.isFull) yield this.take();
    }
  }
}
