import { assert, array, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { DetachFilter, parseDetachKeys } from './detach-keys.ts';

test('keys are letters, and letters with control', () => {
  expect(parseDetachKeys(undefined)).toEqual([16, 17]);
  expect(parseDetachKeys('ctrl-a,b,ctrl-@,ctrl-_')).toEqual([1, 98, 0, 31]);
  expect(() => parseDetachKeys('nonsense,x')).toThrow('Invalid detach keys (nonsense,x) provided');
  expect(() => parseDetachKeys('ctrl-p,,x')).toThrow('Invalid detach keys');
});

test('what stands before the keys goes on, wherever the pieces are cut', () => {
  const filter = new DetachFilter(parseDetachKeys('a,b'));
  const take = (text: string): string => {
    const { bytes, isDetached } = filter.take(Buffer.from(text));
    return `${Buffer.from(bytes).toString()}${isDetached ? '!' : ''}`;
  };
  expect([take('xa'), take('ax'), take('a'), take('c'), take('ya'), take('b')]).toEqual([
    'x',
    'aax',
    '',
    'ac',
    'y',
    '!',
  ]);
});

test('input without the keys comes through whole', () => {
  assert(
    property(array(string()), pieces => {
      const text = pieces.map(piece => piece.replaceAll('q', ''));
      const filter = new DetachFilter([112, 113]);
      const passed = [...text, '.'].map(piece => filter.take(Buffer.from(piece)));
      expect(passed.some(({ isDetached }) => isDetached)).toBe(false);
      const bytes = Buffer.concat(passed.map(taken => taken.bytes));
      expect(bytes.toString()).toBe(Buffer.from(`${text.join('')}.`).toString());
    }),
  );
});
