/** What a guest brought back, as counts that can be added to the host's. */
import { expect, test } from 'vitest';
import { verdict } from '../tests/outcome.ts';
import type { GuestResult } from './guest.ts';
import { outcomeOf } from './suite.ts';

const whole: GuestResult = {
  failure: undefined,
  status: 0,
  wanted: '{"passed":3,"failed":0,"notRun":[{"name":"a > b","reason":"no loop"}],"broken":[]}',
  console: '',
  upAfterMs: 1,
  totalMs: 2,
};

test('the counts are taken over, and what did not run is named with its world', () => {
  expect(outcomeOf('v1', whole)).toEqual({
    passed: 3,
    failed: 0,
    notRun: [{ name: 'vm(v1): a > b', reason: 'no loop' }],
    broken: [],
  });
});

test('a guest that failed is broken, whatever it had written before', () => {
  const outcome = outcomeOf('v2', { ...whole, failure: 'the guest was not up after 9 s' });
  expect(outcome).toMatchObject({ passed: 0, broken: ['vm(v2): the guest was not up after 9 s'] });
  expect(verdict(outcome)).not.toEqual([]);
});

test('a vitest that died without an outcome is broken', () => {
  expect(outcomeOf('v2', { ...whole, status: 137, wanted: undefined }).broken).toEqual([
    'vm(v2): vitest ended with status 137 before its tests were over',
  ]);
});

test('an exit status that the counts do not explain is not lost', () => {
  expect(outcomeOf('v2', { ...whole, status: 1 }).broken).toEqual([
    'vm(v2): vitest ended with status 1',
  ]);
  const failed = '{"passed":3,"failed":1,"notRun":[],"broken":[]}';
  expect(outcomeOf('v2', { ...whole, status: 1, wanted: failed })).toMatchObject({
    failed: 1,
    broken: [],
  });
});
