import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { boolean, hasLabels, likeOne, oneOf, parseFilters, prefixOf } from './filters.ts';
import { Refusal } from '../engine/refusal.ts';

const accepted = ['label', 'status', 'name', 'dangling'];

test('both forms of the JSON say the same', () => {
  const asMap = parseFilters('{"status":{"exited":true,"dead":true},"label":null}', accepted);
  const asList = parseFilters('{"status":["exited","dead"],"label":[]}', accepted);
  expect([...asMap]).toEqual([...asList]);
});

test.each([
  ['{"x":["y"]}', "invalid filter 'x'"],
  ['{', 'invalid filter'],
  ['[]', 'invalid filter'],
  ['{"label":"a"}', 'invalid filter'],
])('%s is refused', (text, message) => {
  expect(() => parseFilters(text, accepted)).toThrow(new Refusal('INVALID', message));
});

test('whatever a caller sends, it is filters or a refusal', () => {
  const anything = fc.oneof(fc.json(), fc.string());
  const outcome = (text: string) => {
    try {
      return typeof parseFilters(text, accepted).size;
    } catch (error) {
      return error instanceof Refusal ? 'number' : error;
    }
  };
  const all = fc.check(fc.property(anything, text => outcome(text) === 'number'));
  expect(all.counterexample).toBeNull();
});

test('without the filter everything passes', () => {
  const none = parseFilters('', accepted);
  expect(oneOf(none, 'status', 'x') && prefixOf(none, 'status', 'x')).toBe(true);
  expect(likeOne(none, 'name', 'x') && hasLabels(none, 'label', {})).toBe(true);
  expect(boolean(none, 'dangling')).toBeUndefined();
});

test('labels are compared by key, or by key and value, and all must be there', () => {
  const labels = { a: 'b=c', empty: '' };
  const has = (...wanted: readonly string[]) =>
    hasLabels(parseFilters(JSON.stringify({ label: wanted }), accepted), 'label', labels);
  expect([has('a'), has('a=b=c'), has('a', 'empty='), has('a=b'), has('a', 'x')]).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(has('constructor')).toBe(false);
});

test('a name is compared as a pattern that cannot run away', () => {
  const like = (pattern: string, name: string) =>
    likeOne(parseFilters(JSON.stringify({ name: [pattern] }), accepted), 'name', name);
  expect([like('^we', 'web'), like('^b', 'web'), like('(', '('), like('[', 'x')]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(like('(a+)+$', `${'a'.repeat(60)}!`)).toBe(false);
});

test('a filter that is yes or no is one of them', () => {
  const dangling = (...values: readonly string[]) =>
    boolean(parseFilters(JSON.stringify({ dangling: values }), accepted), 'dangling');
  expect([dangling('true'), dangling('0')]).toEqual([true, false]);
  expect(() => dangling('x')).toThrow("invalid filter 'dangling=[x]'");
  expect(() => dangling('1', '0')).toThrow('invalid filter');
});
