// A condition on an argument, as instructions.
//
// - `conditionCode(condition, isNarrow, left)`: goes on behind itself if it holds, and else jumps
//   over the `left` instructions that follow it
//
// An argument has 64 bits and a comparison takes 32: the upper half decides unless it is equal. A
// 32-bit program has lower halves alone.

import { and, load, where, type Comparison, type Instruction } from './instructions.ts';
import type { Condition } from './verdict.ts';

export function conditionCode(
  condition: Condition,
  isNarrow: boolean,
  left: number,
): readonly Instruction[] {
  const row = isNarrow ? lowPart(condition) : [...highPart(condition), ...lowPart(condition)];
  return row.map((part, index) => {
    if (!('comparison' in part)) return part;
    const rest = row.length - index - 1;
    const places = { next: 0, holds: rest, fails: rest + left } as const;
    const { comparison, constant, whenTrue, whenFalse } = part;
    return where(comparison, constant, places[whenTrue], places[whenFalse]);
  });
}

type Goal = 'next' | 'holds' | 'fails';

interface Test {
  readonly comparison: Comparison;
  readonly constant: number;
  readonly whenTrue: Goal;
  readonly whenFalse: Goal;
}

type Part = Instruction | Test;

function test(comparison: Comparison, constant: number, whenTrue: Goal, whenFalse: Goal): Test {
  return { comparison, constant, whenTrue, whenFalse };
}

/** Decides, or leaves it to the lower half. */
function highPart({ argument, compare, value, masked }: Condition): readonly Part[] {
  const loaded = load({ argument, half: 'high' });
  const high = half(value, 'high');
  switch (compare) {
    case 'SCMP_CMP_EQ':
      return [loaded, test('equal', high, 'next', 'fails')];
    case 'SCMP_CMP_NE':
      return [loaded, test('equal', high, 'next', 'holds')];
    case 'SCMP_CMP_GT':
    case 'SCMP_CMP_GE':
      return [loaded, test('greater', high, 'holds', 'next'), test('equal', high, 'next', 'fails')];
    case 'SCMP_CMP_LT':
    case 'SCMP_CMP_LE':
      return [loaded, test('greater', high, 'fails', 'next'), test('equal', high, 'next', 'holds')];
    case 'SCMP_CMP_MASKED_EQ':
      return [loaded, and(high), test('equal', half(masked, 'high'), 'next', 'fails')];
  }
}

function lowPart({ argument, compare, value, masked }: Condition): readonly Part[] {
  const loaded = load({ argument, half: 'low' });
  const low = half(value, 'low');
  switch (compare) {
    case 'SCMP_CMP_EQ':
      return [loaded, test('equal', low, 'holds', 'fails')];
    case 'SCMP_CMP_NE':
      return [loaded, test('equal', low, 'fails', 'holds')];
    case 'SCMP_CMP_GT':
      return [loaded, test('greater', low, 'holds', 'fails')];
    case 'SCMP_CMP_GE':
      return [loaded, test('atLeast', low, 'holds', 'fails')];
    case 'SCMP_CMP_LT':
      return [loaded, test('atLeast', low, 'fails', 'holds')];
    case 'SCMP_CMP_LE':
      return [loaded, test('greater', low, 'fails', 'holds')];
    case 'SCMP_CMP_MASKED_EQ':
      return [loaded, and(low), test('equal', half(masked, 'low'), 'holds', 'fails')];
  }
}

function half(value: bigint, which: 'low' | 'high'): number {
  return Number((which === 'high' ? value >> 32n : value) & 0xffff_ffffn);
}
