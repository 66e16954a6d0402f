import { assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import {
  ioWeightOfBlkioWeight,
  sharesOfWeight,
  swapOfMemorySwap,
  weightOfShares,
} from './conversions.ts';

test.each([
  [2, 1],
  [1024, 100],
  [262_144, 10_000],
  [2000, 170], // what runc 1.4 shows for `--cpu-shares 2000`
])('%i shares weigh %i', (shares, weight) => {
  expect(weightOfShares(shares)).toBe(weight);
});

const anyShares = integer({ min: 2, max: 262_144 });

test('more shares never weigh less, and the kernel takes every weight', () => {
  assert(
    property(anyShares, anyShares, (a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      expect(weightOfShares(less)).toBeLessThanOrEqual(weightOfShares(more));
      expect(weightOfShares(less)).toBeGreaterThanOrEqual(1);
      expect(weightOfShares(more)).toBeLessThanOrEqual(10_000);
    }),
  );
});

test('the shares shown for a weight give that weight again', () => {
  for (let weight = 1; weight <= 10_000; weight++) {
    expect(weightOfShares(sharesOfWeight(weight))).toBe(weight);
  }
});

test('the ends of the block I/O ranges meet', () => {
  expect(ioWeightOfBlkioWeight(10)).toBe(1);
  expect(ioWeightOfBlkioWeight(1000)).toBe(10_000);
});

test('swap alone is what memory and swap together leave', () => {
  expect(swapOfMemorySwap(128, 64)).toBe(64);
  expect(swapOfMemorySwap(64, 64)).toBe(0);
  expect(swapOfMemorySwap(-1, 64)).toBe(-1);
  expect(swapOfMemorySwap(64, -1)).toBe(64);
});
