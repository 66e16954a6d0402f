// How to make a layer's archive again, to the byte, from the files it became.
//
// - `RecipeWriter`: notes, while a layer is unpacked, all that is in no file
// - `fromRecipe(recipe, folder)`: the archive's bytes, in pieces
//
// Two programs rarely write the same tar: order, padding, dialect. But a layer *is* its
// bytes: another tar of the same files has another digest. Keeping the archive would
// take the space twice; so the headers are kept, and the contents are read from the
// files. (Docker does the same and calls it tar-split.)
//
//     recipe   (u32 length, zstd frame)*       frames of about a mebibyte
//     in them  0, u32 length, bytes            that stand in the archive
//              1, u32 length, path, f64 offset, f64 length    of a file's content

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type ByteName } from '@slipway/native';
import { openFolder } from './open-folder.ts';
import { Pieces } from './pieces.ts';

const frameBytes = 1 << 20;
/** Headers are mostly zeros: more effort would gain little. */
const packing = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export class RecipeWriter implements Disposable {
  readonly #file: number;
  /** The frame at hand: what is in it, and where the bytes began that stand there. */
  #frame: Buffer = Buffer.allocUnsafe(frameBytes);
  #used = 0;
  #raw: number | undefined;
  #run:
    | { readonly path: ByteName; readonly offset: number; length: number }
    | undefined;

  constructor(file: string) {
    this.#file = openSync(file, 'wx', 0o600);
  }

  raw(bytes: Buffer): void {
    this.#endRun();
    this.#reserve(5 + bytes.length);
    if (this.#raw === undefined) {
      this.#raw = this.#used;
      this.#used += 5;
    }
    this.#used += bytes.copy(this.#frame, this.#used);
  }

  content(path: ByteName, offset: number, length: number): void {
    const run = this.#run;
    if (run?.path === path && run.offset + run.length === offset) {
      run.length += length;
      return;
    }
    this.#endRun();
    this.#run = { path, offset, length };
  }

  finish(): void {
    this.#endRun();
    this.#flush();
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #endRun(): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    const { path, offset, length } = run;
    this.#reserve(21 + path.length);
    this.#endRaw();
    const at = this.#head(1, path.length, this.#used);
    this.#used = at + this.#frame.write(path, at, 'latin1');
    this.#used = this.#frame.writeDoubleLE(offset, this.#used);
    this.#used = this.#frame.writeDoubleLE(length, this.#used);
  }

  /** Only now it is known how long they are. */
  #endRaw(): void {
    if (this.#raw === undefined) return;
    this.#head(0, this.#used - this.#raw - 5, this.#raw);
    this.#raw = undefined;
  }

  #head(kind: number, length: number, at: number): number {
    this.#frame[at] = kind;
    return this.#frame.writeUInt32LE(length, at + 1);
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#frame.length) return;
    this.#flush();
    if (bytes > this.#frame.length) this.#frame = Buffer.allocUnsafe(bytes);
  }

  #flush(): void {
    this.#endRaw();
    const packed = zstdCompressSync(this.#frame.subarray(0, this.#used), packing);
    this.#used = 0;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(packed.length);
    writeSync(this.#file, Buffer.concat([length, packed]));
  }
}

/** @throws SyscallError if a file is not there any more, or is shorter */
export function* fromRecipe(recipe: string, folder: string): Generator<Buffer> {
  using root = openFolder(folder);
  const packed = readFileSync(recipe);
  using pieces = new Pieces(root.descriptor, { isStrict: true });
  let at = 0;
  while (at < packed.length) {
    const end = at + 4 + packed.readUInt32LE(at);
    const frame = zstdDecompressSync(packed.subarray(at + 4, end));
    yield* fromFrame(frame, pieces);
    at = end;
  }
  yield* pieces.end();
}

function* fromFrame(frame: Buffer, pieces: Pieces): Generator<Buffer> {
  let at = 0;
  while (at < frame.length) {
    const isContent = frame[at] === 1;
    const end = at + 5 + frame.readUInt32LE(at + 1);
    const bytes = frame.subarray(at + 5, end);
    at = end;
    if (!isContent) {
      yield* pieces.put(bytes);
      continue;
    }
    const path = bytes.toString('latin1');
    yield* pieces.file(path, frame.readDoubleLE(at), frame.readDoubleLE(at + 8));
    at += 16;
  }
}
