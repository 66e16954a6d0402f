import { expect, test } from 'vitest';
import { z } from 'zod';
import { flag, flagOr, integer, list, moment, text } from './query.ts';

const schema = z.object({
  all: flag(),
  pause: flagOr(true),
  names: list(),
  tail: text(),
  limit: integer({ least: -1 }),
  since: moment(),
});

test('a query without anything has the defaults', () => {
  expect(schema.parse({})).toEqual({
    all: false,
    pause: true,
    names: [],
    tail: undefined,
    limit: undefined,
    since: undefined,
  });
});

test.each(['', '0', 'no', 'False', 'none', ' 0 '])('%j is false', value => {
  expect(schema.parse({ all: value, pause: value })).toMatchObject({ all: false, pause: false });
});

test.each(['1', 'true', 'yes', 'x'])('%j is true', value => {
  expect(schema.parse({ all: value }).all).toBe(true);
});

test('of a repeated name the first value counts, and a list has all', () => {
  const query = schema.parse({ limit: ['3', '4'], names: ['a', 'b'], tail: ['x', 'y'] });
  expect(query).toMatchObject({ limit: 3, names: ['a', 'b'], tail: 'x' });
  expect(schema.parse({ names: 'a' }).names).toEqual(['a']);
});

test.each(['x', '1.5', '0x10', '1e3', '99999999999999999999', '-2', '9007199254740993'])(
  '%j is refused as a limit, by name',
  value => {
    const parsed = schema.safeParse({ limit: value });
    expect(parsed.error?.issues[0]?.path).toEqual(['limit']);
  },
);

test('what is no time is refused', () => {
  expect(schema.safeParse({ since: 'abc' }).error?.issues[0]?.message).toBe(
    '"abc" is not a time: seconds since 1970, RFC 3339 or 10m',
  );
});
