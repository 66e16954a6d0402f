import { expect, test } from 'vitest';
import { parseArgs } from './arguments.ts';

test('scopes, flags for vitest with their values, and the known list are told apart', () => {
  expect(parseArgs(['native', '-t', 'a sentence', '--bail=1', '--known', '.ci/not-run'])).toEqual({
    scopes: ['native'],
    flags: ['-t', 'a sentence', '--bail=1'],
    known: '.ci/not-run',
  });
});
