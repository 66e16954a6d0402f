// From a header, and the meta headers before it, to what they say about one file.
//
// - `Pending`: what was said for the file that comes next, and for all that come
// - `describe(header, pending)`: the entry, and how many bytes are stored for it
//
// Source: pax(1p): a local record beats a global one, and both beat the header.

import type { ByteName, Xattrs } from '@slipway/native';
import { blaming, TarRefused, type TarEntry, type TarKind } from './entry.ts';
import type { Header } from './header.ts';
import { readDecimal, readTime } from './numbers.ts';
import { readRecords, xattrPrefix, type PaxRecord } from './pax.ts';
import { sparseFrom } from './sparse.ts';

const metaTypes: ReadonlySet<string> = new Set(['x', 'g', 'L', 'K']);

/** `x` and `g` are pax headers, `L` and `K` a long name and a long target of GNU's. */
export function isMeta(type: string): boolean {
  return metaTypes.has(type);
}

/** Headers that are longer than this, in one or in many, hold no names. */
export const largestMeta = 4 << 20;

/** What one file is and nobody else: a global record for these means nothing. */
const notGlobal = /^(path|linkpath|size|GNU\.sparse\..*)$/;

export class Pending {
  #records: readonly PaxRecord[] = [];
  #globals: readonly PaxRecord[];
  #longName: ByteName | undefined;
  #longTarget: ByteName | undefined;
  /** What all of it takes; of the global ones alone. */
  #bytes: number;
  #globalBytes: number;

  constructor(globals: readonly PaxRecord[] = [], globalBytes = 0) {
    this.#globals = globals;
    this.#bytes = globalBytes;
    this.#globalBytes = globalBytes;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0 && this.#longName === undefined;
  }

  get records(): readonly PaxRecord[] {
    return this.#globals.length === 0
      ? this.#records
      : [...this.#globals, ...this.#records];
  }

  get longName(): ByteName | undefined {
    return this.#longName;
  }

  get longTarget(): ByteName | undefined {
    return this.#longTarget;
  }

  add(type: string, bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes > largestMeta)
      throw new TarRefused(`headers of ${this.#bytes} bytes`);
    if (type === 'x') this.#records = [...this.#records, ...readRecords(bytes)];
    else if (type === 'g') {
      const all = readRecords(bytes).filter(([key]) => !notGlobal.test(key));
      this.#globals = [...this.#globals, ...all].slice(-1000);
      this.#globalBytes += bytes.length;
    } else if (type === 'L') this.#longName = untilNul(bytes);
    else this.#longTarget = untilNul(bytes);
  }

  /** For the file after the next one: only what was said for all stays. */
  next(): Pending {
    return new Pending(this.#globals, this.#globalBytes);
  }
}

function untilNul(bytes: Buffer): ByteName {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end === -1 ? bytes.length : end);
}

export interface Described {
  readonly entry: TarEntry;
  /** How many bytes follow in the archive. */
  readonly stored: number;
  readonly mapInContent: boolean;
}

const kinds: Readonly<Record<string, TarKind>> = {
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardLink',
  '2': 'link',
  '3': 'character',
  '4': 'block',
  '5': 'folder',
  D: 'folder',
  '6': 'fifo',
};

const none: Xattrs = new Map();

/** @throws TarRefused naming the file */
export function describe(header: Header, pending: Pending): Described {
  const said = new Map(pending.records);
  const named = said.get('GNU.sparse.name') ?? said.get('path') ?? pending.longName;
  const name = named ?? header.name;
  return blaming(name, () => described(name, header, pending, said));
}

function described(
  name: ByteName,
  header: Header,
  pending: Pending,
  said: ReadonlyMap<string, string>,
): Described {
  const { records } = pending;
  const holes = records.length === 0 ? undefined : sparseFrom(records);
  const target = said.get('linkpath') ?? pending.longTarget ?? header.target;
  const kind = kindOf(header.type, name);
  const number = (key: 'uid' | 'gid' | 'size'): number => {
    const text = said.get(key);
    return text === undefined ? header[key] : readDecimal(text, key);
  };
  const stored = kind === 'file' || header.type === 'D' ? number('size') : 0;
  if (stored < 0) throw new TarRefused('its size is below zero');
  const time = said.get('mtime');
  const pieces = header.holes?.pieces ?? holes?.pieces;
  const realSize = header.holes?.realSize ?? holes?.realSize;
  const entry = {
    name,
    kind,
    mode: header.mode,
    uid: checkedOwner(number('uid')),
    gid: checkedOwner(number('gid')),
    size: kind === 'file' ? (realSize ?? stored) : 0,
    modified:
      time === undefined ? { seconds: header.seconds, nanoseconds: 0 } : readTime(time),
    target,
    major: checkedNumber(header.major, 12),
    minor: checkedNumber(header.minor, 20),
    xattrs: xattrsFrom(records),
    ...(pieces && { pieces }),
  };
  return { entry, stored, mapInContent: holes?.mapInContent ?? false };
}

/** A number above 32 bits would wrap: 4294967296 is no other name for root. */
function checkedOwner(id: number): number {
  // The highest one means "nobody" to chown(2): it would leave the file to us.
  if (id >= 0 && id < 2 ** 32 - 1) return id;
  throw new TarRefused(`nobody has the number ${id}`);
}

/** Linux has 12 bits for the driver and 20 for the device. */
function checkedNumber(number: number, bits: number): number {
  if (number >= 0 && number < 2 ** bits) return number;
  throw new TarRefused(`no device has the number ${number}`);
}

function kindOf(type: string, name: ByteName): TarKind {
  const kind = kinds[type];
  if (kind === undefined) {
    throw new TarRefused(`it is of a kind that no file has: ${JSON.stringify(type)}`);
  }
  // Before there was a kind for folders, a slash at the end said so.
  return kind === 'file' && name.endsWith('/') ? 'folder' : kind;
}

function xattrsFrom(records: readonly PaxRecord[]): Xattrs {
  const found = records.filter(([key]) => key.startsWith(xattrPrefix));
  if (found.length === 0) return none;
  return new Map(
    found.map(([key, value]) => [
      key.slice(xattrPrefix.length),
      Buffer.from(value, 'latin1'),
    ]),
  );
}
