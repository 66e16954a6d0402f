import { expect, test } from 'vitest';
import { durationText } from './probe.ts';

test.each([
  [0.5, '500µs'],
  [200, '200ms'],
  [1500, '1.5s'],
  [30_000, '30s'],
  [90_000, '1m30s'],
  [3_600_000, '1h0m0s'],
])('%d ms are written as Docker does', (ms, written) => {
  expect(durationText(ms)).toBe(written);
});
