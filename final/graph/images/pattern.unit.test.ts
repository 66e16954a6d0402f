import { array, assert, property, stringMatching } from 'fast-check';
import { expect, test } from 'vitest';
import { parseReference } from '../reference.ts';
import { matchesReference } from './pattern.ts';

const word = stringMatching(/^[a-z][a-z0-9]{0,8}(?:[_-][a-z0-9]{1,8}){0,2}$/);

test('every name is a pattern that matches itself, with its tag or without', () => {
  assert(
    property(array(word, { minLength: 1, maxLength: 3 }), word, (path, tag) => {
      const name = path.join('/');
      const reference = parseReference(`${name}:${tag}`);
      return matchesReference(name, reference);
    }),
  );
  expect(matchesReference('no-such-tag', parseReference('no-such-tag:latest'))).toBe(true);
  expect(matchesReference('a.b.c.d:5000/hello:v1', parseReference('a.b.c.d:5000/hello'))).toBe(
    false,
  );
});

test('a star and a question mark stop at a slash, a set is one of them', () => {
  const reference = parseReference('team/web-2:latest');
  expect(matchesReference('*', reference)).toBe(false);
  expect(matchesReference('*/*', reference)).toBe(true);
  expect(matchesReference('team/web?[1-3]', reference)).toBe(true);
  expect(matchesReference('team/web-[^2]', reference)).toBe(false);
});

test('what is no pattern is refused', () => {
  for (const pattern of ['[', 'a[b', '[z-a]']) {
    expect(() => matchesReference(pattern, parseReference('busybox'))).toThrow('invalid filter');
  }
});
