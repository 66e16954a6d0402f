// What the environment says of processors.

import { expect, test } from 'vitest';
import { toldProcessors, withTold } from './told-processors.ts';

test.each([
  [{}, undefined],
  [{ cpuQuotaUs: -1 }, undefined],
  [{ cpuQuotaUs: 20_000 }, 1],
  [{ cpuQuotaUs: 150_000 }, 2],
  [{ cpuQuotaUs: 150_000, cpuPeriodUs: 200_000 }, 1],
  [{ cpuQuotaUs: 400_000 }, undefined],
  [{ cpuQuotaUs: 20_000, cpusetCpus: '2' }, undefined],
  [{ cpuQuotaUs: 20_000, cpusetCpus: '2-3' }, 1],
])('of four processors %j tells of %s', (limits, told) => {
  expect(toldProcessors(limits, 4)).toBe(told);
});

test('what the user has said stays', () => {
  expect(withTold(['A=b'], 1)).toEqual(['A=b', 'OMP_NUM_THREADS=1']);
  expect(withTold(['OMP_NUM_THREADS=8'], 1)).toEqual(['OMP_NUM_THREADS=8']);
});
