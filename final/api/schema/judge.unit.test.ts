import { expect, test } from 'vitest';
import { readSchema } from './judge.fixture.ts';

const schema = readSchema('1.45');
const wait = (answer: unknown, status = 200) =>
  schema.judge('POST /containers/{id}/wait', status, answer);

test('an answer as it is published passes', () => {
  expect(wait({ StatusCode: 0 })).toEqual([]);
  expect(wait({ StatusCode: 1, Error: { Message: 'x' } })).toEqual([]);
});

test('a wrong type, a missing field, an unknown one and an unknown status are told', () => {
  const at = 'POST /containers/{id}/wait 200';
  expect(wait({ StatusCode: '0' })).toEqual([`${at} StatusCode: string instead of integer`]);
  expect(wait({ StatusCode: null })).toEqual([`${at} StatusCode: null instead of integer`]);
  expect(wait({})).toEqual([`${at} StatusCode: it is missing`]);
  expect(wait({ StatusCode: 0, More: 1 })).toEqual([`${at} More: an unknown field`]);
  expect(wait({}, 418)).toEqual(['POST /containers/{id}/wait: the status 418 is not published']);
  expect(schema.judge('GET /nosuch', 200, {})).toEqual(['GET /nosuch: it is not published']);
});
