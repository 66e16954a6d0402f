// Records of a pax header: what does not fit into 512 bytes, as lines of text.
//
//     24 path=a/long/name/…\n      the length counts itself, the blank and the line end
//     30 mtime=1700000000.123456789\n
//     58 SCHILY.xattr.security.capability=<any bytes>\n
//
// - `readRecords(bytes)`: in order, for some keys are repeated
// - `recordsText(records)`: the same back
//
// Keys and values are bytes, one character each. Source: pax(1p), "Extended Header".

import { TarRefused } from './entry.ts';

export type PaxRecord = readonly [key: string, value: string];

/** Extended attributes: star's prefix, which everybody has taken over. */
export const xattrPrefix = 'SCHILY.xattr.';

/** @throws TarRefused */
export function readRecords(bytes: Buffer): readonly PaxRecord[] {
  const records: PaxRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const blank = bytes.indexOf(0x20, at);
    const digits = blank === -1 ? '' : bytes.toString('latin1', at, blank);
    const length = /^\d{1,9}$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    const isRecord = length > digits.length + 2 && end <= bytes.length;
    if (!isRecord || bytes[end - 1] !== 0x0a) throw malformed();
    const equals = bytes.indexOf(0x3d, blank);
    if (equals === -1 || equals >= end) throw malformed();
    const key = bytes.toString('latin1', blank + 1, equals);
    const value = bytes.toString('latin1', equals + 1, end - 1);
    if (!key.startsWith(xattrPrefix) && value.includes('\0')) throw malformed();
    records.push([key, value]);
    at = end;
  }
  return records;
}

export function recordsText(records: readonly PaxRecord[]): Buffer {
  return Buffer.from(records.map(recordText).join(''), 'latin1');
}

function recordText([key, value]: PaxRecord): string {
  const rest = key.length + value.length + 3;
  // Its own digits count, too: 9 and 99 need one more than they seem to.
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function malformed(): TarRefused {
  return new TarRefused('a pax header is malformed');
}
