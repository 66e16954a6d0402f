// Contents of many files read into pieces of memory, one piece ahead of who uses them.
//
// - `new FileContents(root, { isStrict })`: of files beneath the descriptor `root`; disposable
// - `.want(path, offset, length, at)`: these bytes at `at` in the piece that is made up just now
// - `.fill(piece)`: begins to; the piece before is whole then. `.finish(piece)`: all are whole then
//
// Whoever makes an archive knows from the sizes of the files where each byte will stand: headers
// are written into the piece, contents are read into it by a thread of the addon, while the piece
// before is hashed and sent. The form is drawn in addon/src/files/reader.rs.

import { call, native } from '../binding.ts';
import type { ByteName } from '../filesystem.ts';

/** Room for the orders of most pieces; it grows for one of many small files. */
const usualBytes = 16 * 1024;

export class FileContents implements Disposable {
  readonly #reader: InstanceType<ReturnType<typeof native>['FileReader']>;
  #orders: Buffer = Buffer.allocUnsafe(usualBytes);
  #used = 0;

  /** What a file does not hold any more is zeros, or refused with ENODATA if `isStrict`. */
  constructor(root: number, { isStrict }: { readonly isStrict: boolean }) {
    this.#reader = call(() => new (native().FileReader)(root, isStrict));
  }

  want(path: ByteName, offset: number, length: number, at: number): void {
    const size = 20 + path.length;
    if (this.#used + size > this.#orders.length) this.#grow(size);
    const orders = this.#orders;
    let end = orders.writeUInt32LE(at, this.#used);
    end = orders.writeUInt32LE(length, end);
    end = orders.writeUInt32LE(offset % two32, end);
    end = orders.writeUInt32LE(Math.floor(offset / two32), end);
    end = orders.writeUInt32LE(path.length, end);
    this.#used = end + orders.write(path, end, 'latin1');
  }

  /** @throws SyscallError, of this piece or of one before, with the path in `args` */
  fill(piece: Buffer): void {
    const orders = this.#taken();
    call(() => this.#reader.start(orders, piece));
  }

  /** @throws SyscallError */
  finish(piece: Buffer): void {
    const orders = this.#taken();
    call(() => this.#reader.run(orders, piece));
  }

  [Symbol.dispose](): void {
    this.#reader.close();
  }

  /** The buffer goes along with its orders: the next ones get one of their own. */
  #taken(): Buffer {
    const orders = this.#orders.subarray(0, this.#used);
    this.#orders = Buffer.allocUnsafe(usualBytes);
    this.#used = 0;
    return orders;
  }

  #grow(by: number): void {
    const larger = Buffer.allocUnsafe(2 * this.#orders.length + by);
    this.#orders.copy(larger, 0, 0, this.#used);
    this.#orders = larger;
  }
}

const two32 = 2 ** 32;
