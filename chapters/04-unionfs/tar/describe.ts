// From a header, and the meta headers before it, to what they say about one file.
//
// - `Pending`: what was said for the file that comes next, and for all that come
// - `describe(header, pending)`: the entry, and how many bytes are stored for it
//
// Source: pax(1p): a local record beats a global one, and both beat the header.

import type { ByteName, Xattrs } from '@slipway/native';
import { TarRefused, type TarEntry, type TarKind } from './entry.ts';
import type { Header } from './header.ts';
import { readDecimal, readTime } from './numbers.ts';
import { readRecords, xattrPrefix, type PaxRecord } from './pax.ts';
import { sparseFrom } from './sparse.ts';

const metaTypes: ReadonlySet<string> = new Set(['x', 'g', 'L', 'K']);

/** `x` and `g` are pax headers, `L` and `K` a long name and a long target of GNU's. */
export function isMeta(type: string): boolean {
  return metaTypes.has(type);
}

/** What one file is and nobody else: a global record for these means nothing. */
const notGlobal = /^(path|linkpath|size|GNU\.sparse\..*)$/;

export class Pending {
  #records: readonly PaxRecord[] = [];
  #globals: readonly PaxRecord[];
  #longName: ByteName | undefined;
  #longTarget: ByteName | undefined;

  constructor(globals: readonly PaxRecord[] = []) {
    this.#globals = globals;
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
    if (type === 'x') this.#records = [...this.#records, ...readRecords(bytes)];
    else if (type === 'g') {
      const all = readRecords(bytes).filter(([key]) => !notGlobal.test(key));
      this.#globals = [...this.#globals, ...all].slice(-1000);
    } else if (type === 'L') this.#longName = untilNul(bytes);
    else this.#longTarget = untilNul(bytes);
  }

  /** For the file after the next one: only what was said for all stays. */
  next(): Pending {
    return new Pending(this.#globals);
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

/** @throws TarRefused */
export function describe(header: Header, pending: Pending): Described {
  const { records } = pending;
  const said = new Map(records);
  const holes = records.length === 0 ? undefined : sparseFrom(records);
  const name = holes?.name ?? said.get('path') ?? pending.longName ?? header.name;
  const target = said.get('linkpath') ?? pending.longTarget ?? header.target;
  const kind = kindOf(header.type, name);
  const number = (key: 'uid' | 'gid' | 'size'): number => {
    const text = said.get(key);
    return text === undefined ? header[key] : readDecimal(text, key);
  };
  const stored = kind === 'file' || header.type === 'D' ? number('size') : 0;
  if (stored < 0) throw new TarRefused(`${name} has a size below zero`);
  const time = said.get('mtime');
  const pieces = header.holes?.pieces ?? holes?.pieces;
  const realSize = header.holes?.realSize ?? holes?.realSize;
  const entry = {
    name,
    kind,
    mode: header.mode,
    uid: number('uid'),
    gid: number('gid'),
    size: kind === 'file' ? (realSize ?? stored) : 0,
    modified:
      time === undefined ? { seconds: header.seconds, nanoseconds: 0 } : readTime(time),
    target,
    major: header.major,
    minor: header.minor,
    xattrs: xattrsFrom(records),
    ...(pieces && { pieces }),
  };
  return { entry, stored, mapInContent: holes?.mapInContent ?? false };
}

function kindOf(type: string, name: ByteName): TarKind {
  const kind = kinds[type];
  if (kind === undefined) {
    throw new TarRefused(`${name} is of a kind that no file has: ${type}`);
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
