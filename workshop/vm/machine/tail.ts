/**
 * Reads a file that somebody else is writing, piece by piece.
 *
 * - new Tail(path)      `text` is what was read so far (its end, when it grew large)
 * - tail.read()         what came since the last time; '' when the file is not there yet
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const keptCharacters = 256 * 1024;

export class Tail {
  readonly #path: string;
  readonly #decoder = new TextDecoder();
  #offset = 0;
  #text = '';

  constructor(path: string) {
    this.#path = path;
  }

  get text(): string {
    return this.#text;
  }

  read(): string {
    const bytes = this.#newBytes();
    const news = this.#decoder.decode(bytes, { stream: true });
    this.#text = (this.#text + news).slice(-keptCharacters);
    return news;
  }

  #newBytes(): Uint8Array {
    const descriptor = open(this.#path);
    if (descriptor === undefined) return new Uint8Array();
    try {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - this.#offset));
      const count = readSync(descriptor, bytes, 0, bytes.length, this.#offset);
      this.#offset += count;
      return bytes.subarray(0, count);
    } finally {
      closeSync(descriptor);
    }
  }
}

function open(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
