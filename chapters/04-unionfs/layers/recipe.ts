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
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { nameBytes, type ByteName } from '@slipway/native';
import { openFolder } from './open-folder.ts';
import { Pieces } from './pieces.ts';

const frameBytes = 1 << 20;

export class RecipeWriter implements Disposable {
  readonly #file: number;
  #parts: Buffer[] = [];
  #raw: Buffer[] = [];
  #size = 0;
  #run:
    | { readonly path: ByteName; readonly offset: number; length: number }
    | undefined;

  constructor(file: string) {
    this.#file = openSync(file, 'wx', 0o600);
  }

  raw(bytes: Buffer): void {
    this.#endRun();
    this.#raw.push(Buffer.from(bytes));
    this.#grow(bytes.length);
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
    this.#endRaw();
    const numbers = Buffer.alloc(16);
    numbers.writeDoubleLE(run.offset, 0);
    numbers.writeDoubleLE(run.length, 8);
    const path = nameBytes(run.path);
    this.#parts.push(head(1, path.length), path, numbers);
    this.#grow(path.length + 21);
  }

  #endRaw(): void {
    if (this.#raw.length === 0) return;
    const bytes = Buffer.concat(this.#raw);
    this.#raw = [];
    this.#parts.push(head(0, bytes.length), bytes);
  }

  #grow(by: number): void {
    this.#size += by;
    if (this.#size >= frameBytes) this.#flush();
  }

  #flush(): void {
    this.#endRaw();
    const frame = zstdCompressSync(Buffer.concat(this.#parts));
    this.#parts = [];
    this.#size = 0;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(frame.length);
    writeSync(this.#file, Buffer.concat([length, frame]));
  }
}

function head(kind: number, length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = kind;
  bytes.writeUInt32LE(length, 1);
  return bytes;
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
