import { expect, test } from 'vitest';
import { newborn, type State } from '../record/state.ts';
import { humanDuration, statusText } from './status.ts';

const seconds = (count: number): string => humanDuration(BigInt(count) * 1_000_000_000n);

test('a duration is told in one unit', () => {
  const told = [0, 1, 59, 60, 119, 120, 3599, 5399, 5400, 86400, 172_800, 1_209_600].map(seconds);
  expect(told).toMatchInlineSnapshot(`
    [
      "Less than a second",
      "1 second",
      "59 seconds",
      "About a minute",
      "About a minute",
      "2 minutes",
      "59 minutes",
      "About an hour",
      "2 hours",
      "24 hours",
      "2 days",
      "2 weeks",
    ]
  `);
});

test('each state has its words', () => {
  const times = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:30Z' };
  const now = BigInt(Date.parse('2026-01-01T00:01:00Z')) * 1_000_000n;
  const text = (state: Partial<State>): string =>
    statusText({ ...newborn, ...times, exitCode: 3, ...state }, now);
  expect(text({ status: 'running' })).toBe('Up About a minute');
  expect(text({ status: 'paused' })).toBe('Up About a minute (Paused)');
  expect(text({ status: 'restarting' })).toBe('Restarting (3) 30 seconds ago');
  expect(text({ status: 'exited' })).toBe('Exited (3) 30 seconds ago');
  expect(text({ status: 'created' })).toBe('Created');
  expect(text({ status: 'dead' })).toBe('Dead');
  const health = { status: 'starting' as const, failingStreak: 0, log: [] };
  expect(text({ status: 'running', health })).toBe('Up About a minute (health: starting)');
});
