import { expect, test } from 'vitest';
import { renderRows } from './row.ts';

test('a time is met from below, a speed from above, and all rounds are told', () => {
  const rows = renderRows([
    { name: 'GNU tar', unit: 's', figures: [0.4], budget: undefined },
    { name: 'load', unit: 's', figures: [0.5, 0.7, 0.61], budget: 0.6 },
    { name: 'logs', unit: 'MB/s', figures: [199, 250, 251], budget: 200 },
    { name: 'at rest', unit: 'MB', figures: [90], budget: 90 },
  ]);
  expect(rows.map(row => row.trim().replaceAll(/ +/g, ' '))).toEqual([
    'median budget (all)',
    'GNU tar 0.400 s (0.400)',
    'load 0.610 s ≤ 0.6 MISSED (0.500 0.700 0.610)',
    'logs 250 MB/s ≥ 200 met (199 250 251)',
    'at rest 90.00 MB ≤ 90 met (90.00)',
  ]);
});
