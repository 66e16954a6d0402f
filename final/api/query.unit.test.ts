import { expect, test } from 'vitest';
import { z } from 'zod';
import { flag, flagOr, integer, list, moment, requiredInteger, text } from './query.ts';

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

test.each(['x', '1.5', '0x10', '1e3'])('%j is refused in the words of the parser', value => {
  const why = `strconv.Atoi: parsing "${value}": invalid syntax`;
  expect(() => schema.parse({ limit: value })).toThrow(why);
  expect(() => integer({ saying: 'got %v: ' }).parse(value)).toThrow(`got ${value}: ${why}`);
});

test.each(['99999999999999999999', '-2', '9007199254740993'])(
  '%j is refused as a limit, by name',
  value => {
    const parsed = schema.safeParse({ limit: value });
    expect(parsed.error?.issues[0]?.path).toEqual(['limit']);
  },
);

test('a number that must be there is missed', () => {
  expect(() => requiredInteger().parse(undefined)).toThrow('strconv.Atoi: parsing ""');
  expect(requiredInteger().parse('7')).toBe(7);
});

test('what is no time is refused', () => {
  const why = 'strconv.ParseInt: parsing "abc": invalid syntax';
  expect(() => schema.parse({ since: 'abc' })).toThrow(why);
});
