// The table of `stats`.

import { expect, test } from 'vitest';
import { statsTable } from './verbs.ts';

test('what nobody counts is a dash, and no limit is max', () => {
  const row = { pid: 4711, frozen: true, stats: { cpu: { usageUs: 1_234_567 } } };
  const pids = { current: 3 };
  expect(statsTable([row, { pid: 7, frozen: false, stats: { pids } }])).toBe(
    [
      'PID            CPU TIME  CPUS  MEMORY  LIMIT  PIDS   READ  WRITTEN',
      '4711 (paused)  1.23 s    max   -       -      -      -     -',
      '7              -         -     -       -      3/max  -     -',
      '',
    ].join('\n'),
  );
});
