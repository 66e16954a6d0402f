// The 512 bytes before each file in a tar.
//
//       0 name 100      148 checksum 8     265 user name 32     345 prefix 155
//     100 mode 8        156 type 1         297 group name 32    (GNU: 386 holes,
//     108 uid 8         157 target 100     329 major 8           482 more of them,
//     116 gid 8         257 ustar\0 6      337 minor 8           483 real size)
//     124 size 12       263 version 2
//     136 time 12
//
// - `readHeader(block)`: undefined for a block of zeros, which ends an archive
// - `writeHeader(block, fields)`: the same back
//
// Source: tar(5).

import type { ByteName } from '@slipway/native';
import { blaming, blockSize, TarRefused, type Piece } from './entry.ts';
import { readNumber, writeNumber } from './numbers.ts';

export interface HeaderFields {
  readonly name: ByteName;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly seconds: number;
  /** One character: `0` a file, `5` a folder, `x` a pax header. */
  readonly type: string;
  readonly target: ByteName;
  readonly major: number;
  readonly minor: number;
}

export interface Header extends HeaderFields {
  /** GNU's old form of a file with holes; type `S`. */
  readonly holes?: {
    readonly pieces: readonly Piece[];
    readonly more: boolean;
    readonly realSize: number;
  };
}

/** @throws TarRefused when these 512 bytes are no header, or hold what is no number */
export function readHeader(block: Buffer): Header | undefined {
  if (!checksumHolds(block)) {
    if (block.every(byte => byte === 0)) return undefined;
    throw new TarRefused('a header has a wrong checksum');
  }
  const type = String.fromCharCode(block[156] || 0x30);
  const gnu = block.toString('latin1', 257, 265) === 'ustar  \0';
  const posix = !gnu && block.toString('latin1', 257, 262) === 'ustar';
  const prefix = posix ? textAt(block, 345, 155) : '';
  const own = textAt(block, 0, 100);
  const name = prefix === '' ? own : `${prefix}/${own}`;
  return blaming(name, () => fieldsOf(block, name, type));
}

function fieldsOf(block: Buffer, name: ByteName, type: string): Header {
  const isDevice = type === '3' || type === '4';
  return {
    name,
    mode: readNumber(block, 100, 8) & 0o7777,
    uid: readNumber(block, 108, 8),
    gid: readNumber(block, 116, 8),
    size: readNumber(block, 124, 12),
    seconds: readNumber(block, 136, 12),
    type,
    target: textAt(block, 157, 100),
    major: isDevice ? readNumber(block, 329, 8) : 0,
    minor: isDevice ? readNumber(block, 337, 8) : 0,
    ...(type === 'S' && {
      holes: {
        pieces: piecesAt(block, 386, 4),
        more: block[482] === 1,
        realSize: readNumber(block, 483, 12),
      },
    }),
  };
}

/** Up to `count` pairs of offset and length; the rest of the table is empty. */
export function piecesAt(
  block: Buffer,
  start: number,
  count: number,
): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = start; at < start + count * 24; at += 24) {
    if (block[at] === 0) break;
    pieces.push({
      offset: readNumber(block, at, 12),
      length: readNumber(block, at + 12, 12),
    });
  }
  return pieces;
}

/**
 * Into a block of zeros. The caller has seen to it that every field fits (pax records
 * for what does not).
 */
export function writeHeader(block: Buffer, fields: HeaderFields): void {
  block.write(fields.name, 0, 100, 'latin1');
  writeNumber(block, fields.mode, 100, 8);
  writeNumber(block, fields.uid, 108, 8);
  writeNumber(block, fields.gid, 116, 8);
  writeNumber(block, fields.size, 124, 12);
  writeNumber(block, fields.seconds, 136, 12);
  block.write(fields.type, 156, 'latin1');
  block.write(fields.target, 157, 100, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  writeNumber(block, fields.major, 329, 8);
  writeNumber(block, fields.minor, 337, 8);
  block.write(`${sumOf(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

function textAt(block: Buffer, start: number, length: number): ByteName {
  const end = block.indexOf(0, start);
  const stop = end === -1 ? start + length : Math.min(end, start + length);
  return block.toString('latin1', start, stop);
}

function checksumHolds(block: Buffer): boolean {
  let stated: number;
  try {
    stated = readNumber(block, 148, 8);
  } catch {
    return false;
  }
  const sum = sumOf(block);
  if (sum === stated) return true;
  // Some old programs added the bytes up as signed ones.
  const negative = block.reduce((count, byte) => count + (byte > 127 ? 1 : 0), 0);
  return negative > 0 && sum - 256 * negative === stated;
}

/** Of all bytes, with eight blanks where the sum itself stands. */
function sumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < 148; at += 1) sum += block[at] ?? 0;
  for (let at = 156; at < blockSize; at += 1) sum += block[at] ?? 0;
  return sum;
}
