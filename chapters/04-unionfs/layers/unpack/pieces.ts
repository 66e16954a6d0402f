// Bytes of an archive gathered into large pieces, whatever portions they come in.
//
// - `new Pieces(root, { isStrict })`: for files beneath the descriptor `root`
// - `.put(bytes)`, `.zeros(count)`, `.file(path, offset, length)`, `.end()`: each
//   yields what is whole
//
// A piece is whole until the next one is asked for; then its memory is written again.
//
// Two hundred megabytes in forty thousand portions are forty thousand buffers to be
// collected again, and as many calls to whoever hashes and sends them; as pieces of a
// mebibyte they are two hundred.
//
//     headers    ─▸ written into the piece at once          ┐ one piece, while the one
//     contents   ─▸ read into it later, by another thread   ┘ before is hashed and sent

import { FileContents, type ByteName } from '@slipway/native';

const pieceBytes = 1 << 20;

export class Pieces implements Disposable {
  readonly #contents: FileContents;
  #piece: Buffer = Buffer.allocUnsafe(pieceBytes);
  #used = 0;
  /** Full, and its contents are being read. */
  #before: Buffer | undefined;

  /** What a file does not hold any more is zeros, or an error if `isStrict`. */
  constructor(root: number, how: { readonly isStrict: boolean }) {
    this.#contents = new FileContents(root, how);
  }

  *put(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length;) {
      const count = bytes.copy(this.#piece, this.#used, at);
      at += count;
      yield* this.#grow(count);
    }
  }

  *zeros(count: number): Generator<Buffer> {
    for (let left = count; left > 0;) {
      const end = Math.min(this.#used + left, pieceBytes);
      this.#piece.fill(0, this.#used, end);
      left -= end - this.#used;
      yield* this.#grow(end - this.#used);
    }
  }

  /** `length` bytes of the file at `path`, from `offset` on. */
  *file(path: ByteName, offset: number, length: number): Generator<Buffer> {
    for (let at = 0; at < length;) {
      const count = Math.min(length - at, pieceBytes - this.#used);
      this.#contents.want(path, offset + at, count, this.#used);
      at += count;
      yield* this.#grow(count);
    }
  }

  /** @throws SyscallError for a file that cannot be read */
  *end(): Generator<Buffer> {
    const last = this.#piece.subarray(0, this.#used);
    this.#contents.finish(last);
    if (this.#before !== undefined) yield this.#before;
    this.#before = undefined;
    yield last;
  }

  [Symbol.dispose](): void {
    this.#contents[Symbol.dispose]();
  }

  *#grow(by: number): Generator<Buffer> {
    this.#used += by;
    if (this.#used < pieceBytes) return;
    const whole = this.#before;
    this.#before = this.#piece;
    this.#contents.fill(this.#piece);
    if (whole !== undefined) yield whole;
    this.#piece = whole ?? Buffer.allocUnsafe(pieceBytes);
    this.#used = 0;
  }
}
