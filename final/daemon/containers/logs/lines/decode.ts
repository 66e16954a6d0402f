// Lines of Docker's json-file format into what a client of `logs` gets.
//
//     {"log":"hello\n","stream":"stdout","attrs":{"tag":"x"},"time":"2026-01-02T03:04:05.6789Z"}
//
// - `LogDecoder`: takes blocks of a file, of any length, and gives back what they become
// - `DecodeOptions`: which lines are wanted, and what stands before each
//
// A log is read faster than it can be parsed: bytes are copied from block to block and only those
// behind a backslash are looked at twice. Lines of one stream that follow each other share a frame
// where there is much of it; a little comes with a frame for each line, as Docker sends it.

import { Attributes } from './attributes.ts';
import { Block, endOfText, isAt, pattern, unescape } from './escapes.ts';
import { Frames } from './frames.ts';
import { timeKey } from './times.ts';

export interface DecodeOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Before each line: its time, with nine digits. */
  readonly timestamps: boolean;
  /** Before each line: its attributes. */
  readonly details: boolean;
  /** Without a terminal: eight bytes before each piece. */
  readonly framed: boolean;
  /** Keys of time as `timeKey` makes them. */
  readonly since?: string;
  readonly until?: string;
}

const quote = 0x22;
const newline = 0x0a;
const letterZ = 0x5a;
const opening = pattern('{"log":"');
const stream = pattern('","stream":"std');
const attributes = pattern(',"attrs":{');
const time = pattern(',"time":"');
/** The length of a time with nine digits. */
const fullTime = 30;

/** A block so small is sent with a frame for each line. */
const fewBytes = 4096;
/** Longer than any line that a keeper writes; what is longer is no line. */
const longestLine = 1 << 20;

export class LogDecoder {
  readonly #options: DecodeOptions;
  readonly #attributes = new Attributes();
  readonly #frames: Frames;
  #rest: Buffer = Buffer.alloc(0);
  #isPast = false;

  constructor(options: DecodeOptions) {
    this.#options = options;
    this.#frames = new Frames(options.framed);
  }

  /** A line later than `until` has been seen: nothing more will come. */
  get isPast(): boolean {
    return this.#isPast;
  }

  /**
   * What the lines that end in `block` become, until it is asked again; the last, unfinished one is
   * kept for then.
   */
  decode(block: Buffer): Buffer {
    const out = this.#frames;
    const length = this.#rest.length + block.length;
    out.start(length, length <= fewBytes);
    let start = 0;
    if (this.#rest.length > 0) {
      // Only the line that was cut is put together.
      start = block.indexOf(newline) + 1 || block.length;
      this.#lines(Buffer.concat([this.#rest, block.subarray(0, start)]), out);
    }
    if (start < block.length) this.#lines(block.subarray(start), out);
    return out.finish();
  }

  #lines(bytes: Buffer, out: Frames): void {
    const input = new Block(bytes);
    let start = 0;
    while (!this.#isPast) {
      const next = this.#line(input, start, out);
      if (next === -1) break;
      start = next;
    }
    this.#rest = Buffer.from(bytes.subarray(start));
    if (this.#rest.length > longestLine) this.#rest = Buffer.alloc(0);
  }

  /** Copies one line → where the next begins, or -1 if this one has no end yet. */
  #line(input: Block, start: number, out: Frames): number {
    const { bytes } = input;
    if (!isAt(input, start, opening)) return this.#skip(input, start);
    const text = start + opening.length;
    const end = endOfText(input, text);
    if (end === -1) return this.#skip(input, start);
    const kind = end + stream.length;
    const isError = bytes[kind] === 0x65;
    if (!isAt(input, end, stream)) return this.#skip(input, start);
    let at = kind + 4;
    let attrs = -1;
    if (isAt(input, at, attributes)) {
      attrs = at + attributes.length - 1;
      at = this.#attributes.endOf(bytes, attrs);
      if (at === -1) return this.#skip(input, start);
    }
    const timeAt = at + time.length;
    const timeEnd = isAt(input, at, time) ? endOfTime(bytes, timeAt) : -1;
    if (timeEnd === -1 || bytes[timeEnd + 2] !== newline) return this.#skip(input, start);
    if (this.#wants(bytes, timeAt, timeEnd, isError)) {
      this.#copy(input, { text, end, isError, timeAt, timeEnd, attrs, attrsEnd: at }, out);
    } else out.interrupt();
    return timeEnd + 3;
  }

  #wants(input: Buffer, timeAt: number, timeEnd: number, isError: boolean): boolean {
    const { since, until, stdout, stderr } = this.#options;
    if (since !== undefined || until !== undefined) {
      const key = timeKey(input.toString('latin1', timeAt, timeEnd));
      if (until !== undefined && key > until) {
        this.#isPast = true;
        return false;
      }
      if (since !== undefined && key < since) return false;
    }
    return isError ? stderr : stdout;
  }

  #copy(input: Block, line: Line, out: Frames): void {
    out.begin(line.isError ? 2 : 1);
    const { timestamps, details } = this.#options;
    if (timestamps) {
      this.#copyTime(input, line, out);
      out.ascii(' ');
    }
    if (details) {
      const shown =
        line.attrs === -1 ? '' : this.#attributes.show(input.bytes, line.attrs, line.attrsEnd);
      out.text(`${shown} `);
    }
    const room = out.room(line.end - line.text);
    out.used(unescape(input, line.text, line.end, room.block, room.at));
  }

  #copyTime(input: Block, { timeAt, timeEnd }: Line, out: Frames): void {
    if (timeEnd - timeAt === fullTime) {
      const { block, at } = out.room(fullTime);
      out.used(unescape(input, timeAt, timeEnd, block, at));
    } else out.ascii(timeKey(input.bytes.toString('latin1', timeAt, timeEnd)));
  }

  /** What is no line of ours is passed over. */
  #skip({ bytes }: Block, start: number): number {
    const end = bytes.indexOf(newline, start);
    return end === -1 ? -1 : end + 1;
  }
}

interface Line {
  readonly text: number;
  readonly end: number;
  readonly isError: boolean;
  readonly timeAt: number;
  readonly timeEnd: number;
  /** Where the braces open, or -1. */
  readonly attrs: number;
  readonly attrsEnd: number;
}

/**
 * The place of the quote behind a time, which mostly has nine digits, or -1. Behind a shorter one
 * that place may hold a quote of the next line; a `Z` stands before it only where it is the end.
 */
function endOfTime(input: Buffer, from: number): number {
  const isLong = input[from + 29] === letterZ && input[from + 30] === quote;
  return isLong ? from + 30 : input.indexOf(quote, from);
}
