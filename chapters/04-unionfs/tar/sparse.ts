// Files with holes: which of their bytes a tar has stored, and where they belong.
//
// - `SparseMap`: gathers the map from whichever of the four forms the tar has
// - `checkPieces(pieces, size, stored)`: it must describe exactly the stored bytes
//
// GNU's old form has the map in the header and in blocks after it. Its pax forms have
// it in repeated records (0.0), in one record (0.1), or before the content (1.0).
// Source: GNU tar manual, "Storing Sparse Files".

import { TarRefused, type Piece } from './entry.ts';
import { readDecimal } from './numbers.ts';
import type { PaxRecord } from './pax.ts';

export interface PaxSparse {
  readonly name?: string;
  readonly realSize?: number;
  readonly pieces: readonly Piece[];
  /** The map stands before the content. */
  readonly mapInContent: boolean;
}

/** What the records say about holes; undefined if they say nothing. */
export function sparseFrom(records: readonly PaxRecord[]): PaxSparse | undefined {
  const about = records.filter(([key]) => key.startsWith('GNU.sparse.'));
  if (about.length === 0) return undefined;
  const one = new Map(about);
  const size = one.get('GNU.sparse.realsize') ?? one.get('GNU.sparse.size');
  const name = one.get('GNU.sparse.name');
  return {
    ...(name !== undefined && { name }),
    ...(size !== undefined && { realSize: readDecimal(size, 'GNU.sparse.size') }),
    pieces: piecesFrom(about, one.get('GNU.sparse.map')),
    mapInContent: one.get('GNU.sparse.major') === '1',
  };
}

function piecesFrom(about: readonly PaxRecord[], map?: string): readonly Piece[] {
  const numbers =
    map === undefined
      ? about
          .filter(([key]) => /^GNU\.sparse\.(offset|numbytes)$/.test(key))
          .map(([, value]) => value)
      : map.split(',').filter(text => text !== '');
  return inPairs(numbers.map(text => readDecimal(text, 'GNU.sparse.map')));
}

function inPairs(numbers: readonly number[]): readonly Piece[] {
  if (numbers.length % 2 !== 0) throw new TarRefused('a map of holes ends half way');
  const pieces: Piece[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    pieces.push({ offset: numbers[at] ?? 0, length: numbers[at + 1] ?? 0 });
  }
  return pieces;
}

/**
 * The map before the content of form 1.0: decimal lines, the first one the count.
 *
 * @returns undefined while lines are missing
 */
export function piecesInContent(bytes: Buffer): readonly Piece[] | undefined {
  const lines = bytes.toString('latin1').split('\n');
  const [first = ''] = lines;
  if (lines.length < 2) return undefined;
  const count = readDecimal(first, 'GNU.sparse');
  if (count > mostPieces) throw new TarRefused(`a file of ${count} pieces`);
  if (lines.length < 2 + 2 * count) return undefined;
  const numbers = lines.slice(1, 1 + 2 * count);
  return inPairs(numbers.map(text => readDecimal(text, 'GNU.sparse')));
}

/** So that a map stays below what a header may have. */
export const mostPieces = 1 << 17;

/** @throws TarRefused if pieces overlap, leave the file, or are not what is stored */
export function checkPieces(
  pieces: readonly Piece[],
  size: number,
  stored: number,
): void {
  let end = 0;
  let sum = 0;
  for (const { offset, length } of pieces) {
    if (offset < end || offset + length > size) {
      throw new TarRefused('a map of holes does not fit its file');
    }
    end = offset + length;
    sum += length;
  }
  if (sum !== stored) {
    throw new TarRefused('a map of holes does not fit what is stored');
  }
}
