// Texts of JSON in a block of bytes: where they end, and what they say without their escapes.
//
// - `new Block(bytes)`: bytes that are also read and written four at a time
// - `endOfText(block, from)`: the place of the quote that ends the text, or -1
// - `unescape(from, start, end, to, at)`: copies → where it has ended; never longer than it was
// - `pattern(text)`, `isAt(block, at, pattern)`: whether exactly that stands there
//
// Nearly all bytes of a log are neither a quote nor a backslash: four of them are looked at, and
// copied, at once. Source: RFC 8259, section 7. Half of a surrogate pair becomes U+FFFD, as Go
// writes it.

const quote = 0x22;
const backslash = 0x5c;
const quotes = 0x22222222;
const backslashes = 0x5c5c5c5c;

export class Block {
  readonly bytes: Buffer;
  readonly view: DataView;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

/** Whether one of the four bytes is zero: only there a borrow reaches the highest bit. */
function hasZero(word: number): boolean {
  return ((word - 0x01010101) & ~word & 0x80808080) !== 0;
}

export function endOfText({ bytes, view }: Block, from: number): number {
  const { length } = bytes;
  let at = from;
  while (at < length) {
    if (at + 4 <= length) {
      const word = view.getInt32(at);
      if (!hasZero(word ^ quotes) && !hasZero(word ^ backslashes)) {
        at += 4;
        continue;
      }
    }
    const byte = bytes[at];
    if (byte === quote) return at;
    at += byte === backslash ? 2 : 1;
  }
  return -1;
}

const simple: Readonly<Record<number, number>> = {
  0x6e: 0x0a,
  0x72: 0x0d,
  0x74: 0x09,
  0x62: 0x08,
  0x66: 0x0c,
};

export function unescape(from: Block, start: number, end: number, to: Block, at: number): number {
  const { bytes, view } = from;
  let read = start;
  let write = at;
  while (read < end) {
    if (read + 4 <= end) {
      const word = view.getInt32(read);
      if (!hasZero(word ^ backslashes)) {
        to.view.setInt32(write, word);
        write += 4;
        read += 4;
        continue;
      }
    }
    const byte = bytes[read] ?? 0;
    if (byte !== backslash) {
      to.bytes[write] = byte;
      write += 1;
      read += 1;
      continue;
    }
    const letter = bytes[read + 1] ?? 0;
    if (letter === 0x75) {
      const [wrote, length] = codePoint(bytes, read, to.bytes, write);
      write += wrote;
      read += length;
    } else {
      to.bytes[write] = simple[letter] ?? letter;
      write += 1;
      read += 2;
    }
  }
  return write;
}

/** `\uXXXX`, or two of them → how many bytes it was written in, and how long it was. */
function codePoint(from: Buffer, at: number, to: Buffer, write: number): [number, number] {
  const unit = hex(from, at);
  const isHigh = unit >= 0xd800 && unit < 0xdc00;
  if (isHigh && from[at + 6] === backslash && from[at + 7] === 0x75) {
    const low = hex(from, at + 6);
    if (low >= 0xdc00 && low < 0xe000) {
      return [to.write(String.fromCharCode(unit, low), write, 'utf8'), 12];
    }
  }
  const isHalf = unit >= 0xd800 && unit < 0xe000;
  return [to.write(isHalf ? '\ufffd' : String.fromCharCode(unit), write, 'utf8'), 6];
}

function hex(from: Buffer, at: number): number {
  const number = Number.parseInt(from.toString('latin1', at + 2, at + 6), 16);
  return Number.isNaN(number) ? 0xfffd : number;
}

export interface Pattern {
  readonly length: number;
  readonly words: Int32Array;
  /** Those that fill no word. */
  readonly rest: Uint8Array;
}

export function pattern(text: string): Pattern {
  const { bytes, view } = new Block(Buffer.from(text));
  const whole = bytes.length >> 2;
  const words = Int32Array.from({ length: whole }, (_, index) => view.getInt32(index * 4));
  return { length: bytes.length, words, rest: Uint8Array.from(bytes.subarray(whole * 4)) };
}

export function isAt({ bytes, view }: Block, at: number, { length, words, rest }: Pattern) {
  if (at < 0 || at + length > bytes.length) return false;
  let place = at;
  for (let index = 0; index < words.length; index += 1, place += 4) {
    if (view.getInt32(place) !== words[index]) return false;
  }
  for (let index = 0; index < rest.length; index += 1) {
    if (bytes[place + index] !== rest[index]) return false;
  }
  return true;
}
