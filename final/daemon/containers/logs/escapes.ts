// Texts of JSON without their escapes, from one block of bytes into another.
//
// - `unescape(from, start, end, to, at)`: copies → where it has ended; never longer than it was
//
// Source: RFC 8259, section 7. Half of a surrogate pair becomes U+FFFD, as Go writes it.

const backslash = 0x5c;

const simple: Readonly<Record<number, number>> = {
  0x6e: 0x0a,
  0x72: 0x0d,
  0x74: 0x09,
  0x62: 0x08,
  0x66: 0x0c,
};

export function unescape(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  let read = start;
  let write = at;
  while (read < end) {
    const byte = from[read] ?? 0;
    if (byte !== backslash) {
      to[write] = byte;
      write += 1;
      read += 1;
      continue;
    }
    const letter = from[read + 1] ?? 0;
    if (letter === 0x75) {
      const [wrote, length] = codePoint(from, read, to, write);
      write += wrote;
      read += length;
    } else {
      to[write] = simple[letter] ?? letter;
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
