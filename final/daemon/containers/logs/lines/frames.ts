// An output buffer that grows, cut into Docker's frames where the client wants them.
//
//     stream (1 or 2), 0, 0, 0, length as four bytes, big end first; then the bytes
//
// - `new Frames(framed)`; `start(size, isEachLine)`: anew, about `size` bytes are expected
// - `begin(stream)`, then `ascii`, `text` or `room` and `used`: a line
// - `interrupt()`: the next line is not joined to the last
// - `finish()`: what has been gathered, whole until the next start
//
// Source: Docker Engine API, "Attach to a container", stream format.

import { Block } from './escapes.ts';

const headerBytes = 8;
/** What a frame holds at most, so that a reader need not take more memory than this for one. */
const largestFrame = 1 << 20;

export class Frames {
  readonly #framed: boolean;
  #isEachLine = false;
  #block = new Block(Buffer.alloc(0));
  #at = 0;
  #header = -1;
  #stream = 0;

  constructor(framed: boolean) {
    this.#framed = framed;
  }

  start(size: number, isEachLine: boolean): void {
    this.#isEachLine = isEachLine;
    this.#at = 0;
    this.#header = -1;
    this.#reserve(size + 1024);
  }

  begin(stream: 1 | 2): void {
    if (!this.#framed) return;
    const isJoined = this.#header !== -1 && this.#stream === stream && !this.#isEachLine;
    if (isJoined && this.#at - this.#header < largestFrame) return;
    this.#seal();
    this.#reserve(headerBytes);
    this.#header = this.#at;
    this.#stream = stream;
    this.#at += headerBytes;
  }

  interrupt(): void {
    this.#seal();
  }

  ascii(text: string): void {
    this.#reserve(text.length);
    this.#at += this.#block.bytes.write(text, this.#at, 'latin1');
  }

  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#at += this.#block.bytes.write(text, this.#at, 'utf8');
  }

  /** A place for at least `bytes`, to be written to from `at` on. */
  room(bytes: number): { readonly block: Block; readonly at: number } {
    this.#reserve(bytes);
    return { block: this.#block, at: this.#at };
  }

  /** The place has been filled up to here. */
  used(end: number): void {
    this.#at = end;
  }

  finish(): Buffer {
    this.#seal();
    return this.#block.bytes.subarray(0, this.#at);
  }

  #seal(): void {
    if (this.#header === -1) return;
    this.#block.bytes.writeUInt32BE(this.#stream << 24, this.#header);
    this.#block.bytes.writeUInt32BE(this.#at - this.#header - headerBytes, this.#header + 4);
    this.#header = -1;
  }

  #reserve(bytes: number): void {
    const wanted = this.#at + bytes;
    const { bytes: old } = this.#block;
    if (wanted <= old.length) return;
    const larger = Buffer.allocUnsafe(Math.max(wanted, old.length * 2));
    old.copy(larger, 0, 0, this.#at);
    this.#block = new Block(larger);
  }
}
