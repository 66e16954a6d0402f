// A container's log as the API sends it: from its tail, through its rotations, to its end.
//
// - `readLog(place, options)`: pieces, each ready to be sent, and whole until the next is asked for
// - `ReadOptions`: what is wanted of it; with `follow` it goes on until the writer has ended
//
// Read in blocks and decoded in blocks (lines/decode.ts); the next block is read when the last one
// has been taken, so a slow client costs no memory.

import type { FileHandle } from 'node:fs/promises';
import { LogDecoder, type DecodeOptions } from './lines/decode.ts';
import { openCurrent, openFiles, type LogPlace } from './files/files.ts';
import { watchLog } from './files/follow.ts';
import { tailStart } from './files/tail.ts';

export interface ReadOptions extends DecodeOptions {
  /** So many lines from the end; undefined: all. */
  readonly tail?: number;
  readonly follow?: {
    /** Resolves when nobody writes any more. */
    readonly ended: Promise<unknown>;
    readonly signal: AbortSignal;
  };
}

const blockBytes = 1024 * 1024;

export async function* readLog(place: LogPlace, options: ReadOptions): AsyncGenerator<Buffer> {
  const reader = new LogReader(place, options);
  try {
    yield* reader.existing();
    if (options.follow !== undefined) yield* reader.following(options.follow);
  } finally {
    await reader.close();
  }
}

class LogReader {
  readonly #place: LogPlace;
  readonly #options: ReadOptions;
  readonly #decoder: LogDecoder;
  readonly #block = Buffer.allocUnsafe(blockBytes);
  #files: FileHandle[] = [];
  /** Of the last file: how far it has been read. */
  #position = 0;

  constructor(place: LogPlace, options: ReadOptions) {
    this.#place = place;
    this.#options = options;
    this.#decoder = new LogDecoder(options);
  }

  /** What is there now. */
  async *existing(): AsyncGenerator<Buffer> {
    this.#files = await openFiles(this.#place);
    const { tail } = this.#options;
    const start = tail === undefined ? undefined : await tailStart(this.#files, tail);
    for (const [index, handle] of this.#files.entries()) {
      if (start !== undefined && index < start.file) continue;
      this.#position = index === start?.file ? start.offset : 0;
      yield* this.#toEnd(handle);
    }
  }

  /** What comes: a rotated file is read to its end before the next one. */
  async *following({ ended, signal }: NonNullable<ReadOptions['follow']>): AsyncGenerator<Buffer> {
    using watch = watchLog(this.#place.folder, ended, signal);
    for (let goesOn = true; goesOn && !this.#decoder.isPast && !signal.aborted;) {
      goesOn = await watch.changed();
      yield* this.#more();
    }
  }

  async *#more(): AsyncGenerator<Buffer> {
    for (;;) {
      const current = this.#files.at(-1);
      if (current !== undefined) yield* this.#toEnd(current);
      const next = await this.#nextFile(current);
      if (next === undefined) return;
      if (current !== undefined) yield* this.#toEnd(current);
      this.#files.push(next);
      this.#position = 0;
    }
  }

  /** The file that was begun after `current`, which may have been rotated away several times. */
  async #nextFile(current: FileHandle | undefined): Promise<FileHandle | undefined> {
    const newest = await openCurrent(this.#place);
    if (newest === undefined || current === undefined) return newest;
    const [{ ino: here }, { ino: there }] = [await current.stat(), await newest.stat()];
    await newest.close();
    if (here === there) return undefined;
    const files = await openFiles(this.#place);
    const inodes = await Promise.all(files.map(async handle => (await handle.stat()).ino));
    const at = inodes.indexOf(here) + 1;
    await Promise.all(files.filter((_, index) => index !== at).map(handle => handle.close()));
    return files[at];
  }

  async *#toEnd(handle: FileHandle): AsyncGenerator<Buffer> {
    const { size } = await handle.stat();
    // Emptied in place: there is only one file, and it was full.
    if (size < this.#position) this.#position = 0;
    while (!this.#decoder.isPast) {
      const { bytesRead } = await handle.read(this.#block, 0, blockBytes, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      const piece = this.#decoder.decode(this.#block.subarray(0, bytesRead));
      if (piece.length > 0) yield piece;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#files.map(handle => handle.close()));
    this.#files = [];
  }
}
