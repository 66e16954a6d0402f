// What an ELF file says of itself: which loader starts it, which libraries it needs.
//
// - `readElf(path)`: interpreter, needed names, search paths; undefined for other files
//
// This is read, not run. ldd(1) *runs* the loader that the file names (or the file
// itself, if that is its own loader) with LD_TRACE_LOADED_OBJECTS set, and believes
// what it prints: of a file that you do not trust it makes a program that you have
// started.
//
//     header -> program headers -> PT_INTERP   "/lib64/ld-linux-x86-64.so.2"
//                               -> PT_DYNAMIC  (tag, value) …  NEEDED = where a name is
//                               -> PT_LOAD     which address lies where in the file
//
// Source: elf(5). Only 64-bit little-endian files: the machines this workshop runs on.

import { closeSync, openSync, readSync } from 'node:fs';

export interface Elf {
  /** `e_machine`: 62 is x86-64, 183 is arm64. */
  readonly machine: number;
  /** The loader; undefined for a static program, and for a library. */
  readonly interpreter: string | undefined;
  /** Names such as `libc.so.6`, in the order of the file. */
  readonly needed: readonly string[];
  /** Folders to search first; `$ORIGIN` stands for the file's own. */
  readonly runPath: readonly string[];
}

const [loadable, dynamic, interpreter] = [1, 2, 3];
const [tagNeeded, tagStrings, tagRPath, tagRunPath] = [1, 5, 15, 29];

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

type Read = (offset: number, size: number) => Buffer;

/** @throws Error if the file cannot be read, or is an ELF file of another kind */
export function readElf(path: string): Elf | undefined {
  const descriptor = openSync(path, 'r');
  try {
    const read: Read = (offset, size) => {
      const bytes = Buffer.alloc(size);
      const got = readSync(descriptor, bytes, 0, size, offset);
      return bytes.subarray(0, got);
    };
    const header = read(0, 64);
    if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46) return undefined;
    if (header[4] !== 2 || header[5] !== 1) {
      throw new Error(
        `${path} is no 64-bit little-endian ELF file: pack it where it runs`,
      );
    }
    return describe(header, read);
  } finally {
    closeSync(descriptor);
  }
}

function describe(header: Buffer, read: Read): Elf {
  const segments = readSegments(header, read);
  const loader = segments.find(({ type }) => type === interpreter);
  const tags = readTags(segments, read);
  const strings = tags.find(([tag]) => tag === tagStrings)?.[1];
  const text = (offset: number): string => {
    const start = strings === undefined ? 0 : fileOffset(segments, strings);
    return cString(read(start + offset, 4096));
  };
  const texts = (wanted: number | undefined): readonly string[] =>
    tags.filter(([tag]) => tag === wanted).map(([, value]) => text(value));
  const runPath = texts(tagRunPath);
  return {
    machine: header.readUInt16LE(18),
    interpreter: loader && cString(read(loader.offset, loader.size)),
    needed: texts(tagNeeded),
    // The older RPATH counts only where there is no RUNPATH.
    runPath: (runPath.length > 0 ? runPath : texts(tagRPath)).flatMap(one =>
      one.split(':'),
    ),
  };
}

function readSegments(header: Buffer, read: Read): readonly Segment[] {
  const start = Number(header.readBigUInt64LE(32));
  const [size, count] = [header.readUInt16LE(54), header.readUInt16LE(56)];
  return Array.from({ length: count }, (_, index) => {
    const entry = read(start + index * size, 56);
    return {
      type: entry.readUInt32LE(0),
      offset: Number(entry.readBigUInt64LE(8)),
      address: Number(entry.readBigUInt64LE(16)),
      size: Number(entry.readBigUInt64LE(32)),
    };
  });
}

function readTags(
  segments: readonly Segment[],
  read: Read,
): readonly (readonly [tag: number, value: number])[] {
  const table = segments.find(({ type }) => type === dynamic);
  if (table === undefined) return [];
  const bytes = read(table.offset, table.size);
  return Array.from({ length: Math.floor(bytes.length / 16) }, (_, index) => [
    Number(bytes.readBigInt64LE(index * 16)),
    Number(bytes.readBigUInt64LE(index * 16 + 8)),
  ]);
}

/** Where in the file the byte lies that is loaded at `address`. */
function fileOffset(segments: readonly Segment[], address: number): number {
  const home = segments.find(
    one =>
      one.type === loadable &&
      address >= one.address &&
      address < one.address + one.size,
  );
  if (home === undefined) throw new Error(`no segment is loaded at address ${address}`);
  return address - home.address + home.offset;
}

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}
