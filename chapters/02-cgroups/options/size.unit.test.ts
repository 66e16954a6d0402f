import {
  assert,
  constantFrom,
  nat,
  oneof,
  property,
  string,
  stringMatching,
} from 'fast-check';
import { expect, test } from 'vitest';
import { ControlGroupError } from '../group/errors.ts';
import { parseSize } from './size.ts';

test.each([
  ['64m', 67_108_864],
  ['64M', 67_108_864],
  ['64mb', 67_108_864],
  ['64MiB', 67_108_864],
  ['1.5g', 1_610_612_736],
  ['512k', 524_288],
  ['2MB', 2_097_152],
  ['1t', 1_099_511_627_776],
  ['100b', 100],
  ['100', 100],
  ['0', 0],
])('%s is %i bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each([
  '3q',
  '',
  'm',
  '-1',
  '1e3',
  '64 megabytes',
  '0x10',
  '9999999t',
  '1,5g',
  '.5m',
])('%j is no size, and what is allowed is said', text => {
  expect(() => parseSize(text)).toThrow('write a number and b, k, m, g or t');
});

test('a unit multiplies by 1024', () => {
  const units = constantFrom(['b', 0], ['k', 1], ['m', 2], ['g', 3]);
  assert(
    property(nat(100_000), units, (number, [unit, power]) => {
      expect(parseSize(`${number}${unit}`)).toBe(number * 1024 ** power);
    }),
  );
});

test('whatever the text, the answer is whole bytes or a refusal', () => {
  const texts = oneof(string(), stringMatching(/^[0-9.kmgb ]{0,8}$/));
  assert(property(texts, text => isWholeOrRefused(text)));
  expect(isWholeOrRefused('1.0001k')).toBe(true);
});

function isWholeOrRefused(text: string): boolean {
  try {
    return Number.isSafeInteger(parseSize(text));
  } catch (error) {
    return error instanceof ControlGroupError;
  }
}
