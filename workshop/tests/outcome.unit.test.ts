import { expect, test } from 'vitest';
import { closingLine, merge, nothing, verdict } from './outcome.ts';

const good = { ...nothing, passed: 3 };

test('a run in which no test was executed is not good, even when nothing failed', () => {
  const skipped = { ...nothing, notRun: [{ name: 'a', reason: 'needs root' }] };
  expect(verdict(nothing)).toEqual(['no test was executed']);
  expect(verdict(skipped)).toEqual(['no test was executed']);
});

test('a failure and something broken outside a test are both named', () => {
  expect(verdict({ ...good, failed: 2, broken: ['vitest ended with SIGKILL'] })).toEqual([
    'vitest ended with SIGKILL',
    '2 failed',
  ]);
  expect(closingLine({ ...good, failed: 2, broken: ['one more'] })).toContain('3 failed');
  expect(closingLine(nothing)).toBe('0 passed, 1 failed, 0 skipped');
  expect(verdict(good)).toEqual([]);
});

test('the closing line counts over all runs', () => {
  const other = { passed: 4, failed: 1, notRun: [{ name: 'a', reason: 'b' }], broken: [] };
  expect(closingLine(merge([good, other]))).toBe('7 passed, 1 failed, 1 skipped');
});
