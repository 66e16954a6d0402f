import { expect, test } from 'vitest';
import { parseCargo } from './cargo.ts';

test('the counts of all test programs are added, and an ignored test keeps its reason', () => {
  const output = [
    'running 2 tests',
    'test wire::round_trip ... ok',
    'test wire::needs_tape ... ignored, no tape drive',
    'test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out',
    'test other::breaks ... FAILED',
    'test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out',
  ].join('\n');
  expect(parseCargo(output)).toEqual({
    passed: 5,
    failed: 1,
    notRun: [{ name: 'native > wire::needs_tape', reason: 'no tape drive' }],
    broken: [],
  });
});
