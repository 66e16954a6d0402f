// What stands before each file in a tar of ours, and at its end.
//
// - `entryHeader(entry)`: one block, or three and more where pax records are needed
// - `endOfArchive`: two blocks of zeros
//
// Only the entry decides about any byte: no name of a user, no number of a process, no
// time of day. The form is ustar with pax records for what does not fit: long names,
// nanoseconds, large numbers, extended attributes. Source: pax(1p).

import type { ByteName } from '@slipway/native';
import { blockSize, paddingOf, type TarEntry, type TarKind } from './entry.ts';
import { writeHeader } from './header.ts';
import { fitsOctal, timeText } from './numbers.ts';
import { recordsText, xattrPrefix, type PaxRecord } from './pax.ts';

const types: Readonly<Record<TarKind, string>> = {
  file: '0',
  hardLink: '1',
  link: '2',
  character: '3',
  block: '4',
  folder: '5',
  fifo: '6',
};

export const endOfArchive = Buffer.alloc(2 * blockSize);

/** A name that fits stands in the header, as bytes, whatever they mean. */
const longestName = 100;

export function entryHeader(entry: TarEntry): Buffer {
  const name = entry.kind === 'folder' ? `${entry.name}/` : entry.name;
  const records = recordsFor({ ...entry, name });
  const { seconds } = entry.modified;
  const content = records.length === 0 ? undefined : recordsText(records);
  const start = content === undefined ? 0 : paxBytes(content);
  // One for each file of an archive: put together from parts it would be six.
  const bytes = Buffer.alloc(start + blockSize);
  if (content !== undefined) writePax(bytes, name, content);
  writeHeader(bytes.subarray(start), {
    name: short(name),
    mode: entry.mode,
    uid: fitsOctal(entry.uid, 8) ? entry.uid : 0,
    gid: fitsOctal(entry.gid, 8) ? entry.gid : 0,
    size: fitsOctal(entry.size, 12) ? entry.size : 0,
    seconds: fitsOctal(seconds, 12) ? seconds : 0,
    type: types[entry.kind],
    target: short(entry.target),
    major: entry.major,
    minor: entry.minor,
  });
  return bytes;
}

function recordsFor(entry: TarEntry): readonly PaxRecord[] {
  const records: PaxRecord[] = [];
  const { name, target, uid, gid, size, modified } = entry;
  if (name.length > longestName) records.push(['path', name]);
  if (target.length > longestName) records.push(['linkpath', target]);
  if (!fitsOctal(size, 12)) records.push(['size', String(size)]);
  if (!fitsOctal(uid, 8)) records.push(['uid', String(uid)]);
  if (!fitsOctal(gid, 8)) records.push(['gid', String(gid)]);
  if (modified.nanoseconds !== 0 || !fitsOctal(modified.seconds, 12)) {
    records.push(['mtime', timeText(modified)]);
  }
  const xattrs = [...entry.xattrs].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, value] of xattrs) {
    records.push([`${xattrPrefix}${key}`, value.toString('latin1')]);
  }
  return records;
}

function paxBytes({ length }: Buffer): number {
  return blockSize + length + paddingOf(length);
}

/** Who does not know pax unpacks it as a small file of this name. */
function writePax(bytes: Buffer, name: ByteName, content: Buffer): void {
  const last = name.split('/').findLast(part => part !== '') ?? '';
  content.copy(bytes, blockSize);
  writeHeader(bytes.subarray(0, blockSize), {
    name: short(`PaxHeaders.0/${last}`),
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: content.length,
    seconds: 0,
    type: 'x',
    target: '',
    major: 0,
    minor: 0,
  });
}

function short(name: ByteName): ByteName {
  return name.slice(0, longestName);
}
