import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatMoment, parseDurationMs, parseMoment } from './moments.ts';

test.each([
  ['1795465737', 1795465737000000000n],
  ['0.000000000', 0n],
  ['1795465737.5', 1795465737500000000n],
  ['-5', -5000000000n],
  ['2026-11-26T16:15:10Z', 1795709710000000000n],
  ['2026-11-26T16:15:10.000000001Z', 1795709710000000001n],
  ['2026-11-26T18:15:10+02:00', 1795709710000000000n],
  ['2026-11-26T16:15', 1795709700000000000n],
  ['2026-11-26T16', 1795708800000000000n],
  ['2026-11-26', 1795651200000000000n],
])('%s is that moment', (text, moment) => {
  expect(parseMoment(text)).toBe(moment);
});

test('a duration is so long ago', () => {
  expect(parseMoment('1m30s', 100_000)).toBe(10_000_000_000n);
  expect(parseDurationMs('1h0.5s10ms')).toBe(3_600_510);
});

test.each(['abc', '', 'm', '1h2', '2026-13-01', '1.', '--1', '1 s'])('%j is no moment', text => {
  expect([parseDurationMs(text), parseMoment(text)]).toEqual([undefined, undefined]);
});

test('what is written can be read again', () => {
  const moments = fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n });
  fc.assert(
    fc.property(moments, moment => {
      expect(parseMoment(formatMoment(moment))).toBe(moment);
    }),
  );
});
