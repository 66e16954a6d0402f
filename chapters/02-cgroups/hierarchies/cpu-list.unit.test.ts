import {
  assert,
  nat,
  oneof,
  property,
  string,
  stringMatching,
  uniqueArray,
} from 'fast-check';
import { expect, test } from 'vitest';
import { formatCpuList, parseCpuList } from './cpu-list.ts';
import { ControlGroupError } from '../group/errors.ts';

test('a list is a set: order, repetition and notation do not matter', () => {
  expect(parseCpuList('3,0-1,1')).toEqual([0, 1, 3]);
  expect(parseCpuList('')).toEqual([]);
  expect(parseCpuList('0-1\n')).toEqual([0, 1]);
});

test('what is written is what is read, in the shortest form', () => {
  expect(formatCpuList([3, 1, 0, 1])).toBe('0-1,3');
  const sets = uniqueArray(nat(4096));
  assert(
    property(sets, numbers => {
      const sorted = numbers.toSorted((a, b) => a - b);
      expect(parseCpuList(formatCpuList(numbers))).toEqual(sorted);
    }),
  );
});

test('whatever the text, the answer is a list or a refusal', () => {
  const texts = oneof(string(), stringMatching(/^[0-9,-]{0,12}$/));
  assert(property(texts, text => isListOrRefused(text)));
  expect(isListOrRefused('-')).toBe(true);
});

function isListOrRefused(text: string): boolean {
  try {
    return parseCpuList(text).every(Number.isSafeInteger);
  } catch (error) {
    return error instanceof ControlGroupError;
  }
}

test.each(['1-', '3-1', 'a', '0,,1', '-1', '0-9999999999', '1.5', '0x1'])(
  '%s is no list',
  text => {
    expect(() => parseCpuList(text)).toThrow('write 0-1,3 for 0, 1 and 3');
  },
);
