// What a path in a container is, as the header of an archive's answer tells it.
//
// - `PathStat`, `statOf(place, path)`
// - `statHeader(stat)`: base64 of JSON, for `X-Docker-Container-Path-Stat`
//
// The mode is Go's: what kind it is stands in other bits than the kernel's. Source: Go, io/fs.

import { dirname, resolve } from 'node:path';
import { shownName, type FileEntry, type FileKind } from '@slipway/native';
import { formatTime } from '../core/moments.ts';
import type { Place } from './place.ts';

export interface PathStat {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly mtime: string;
  readonly linkTarget: string;
}

const kindBits: Readonly<Record<FileKind, number>> = {
  file: 0,
  folder: 31,
  link: 27,
  block: 26,
  fifo: 25,
  socket: 24,
  character: 21,
};

/** @param path as the caller has written it */
export function statOf({ name, entry }: Place, path: string): PathStat {
  const { seconds, nanoseconds } = entry.modified;
  return {
    name: shownName(name),
    size: entry.size,
    mode: goMode(entry),
    mtime: formatTime(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds)),
    linkTarget:
      entry.kind === 'link' ? resolve('/', dirname(`/${path}`), shownName(entry.target)) : '',
  };
}

function goMode({ kind, mode }: FileEntry): number {
  const bit = kindBits[kind];
  let found = (mode & 0o777) + (bit === 0 ? 0 : 2 ** bit);
  if (kind === 'character') found += 2 ** 26;
  if (mode & 0o4000) found += 2 ** 23;
  if (mode & 0o2000) found += 2 ** 22;
  if (mode & 0o1000) found += 2 ** 20;
  return found;
}

export function statHeader(stat: PathStat): string {
  return Buffer.from(JSON.stringify(stat)).toString('base64');
}
