/** The bench measures what it says: every contestant runs the same containers to their end. */
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { buildFloor } from './build.ts';
import { startContestant } from './contestant.ts';
import { measure } from './measure/measure.ts';
import { scenarios } from './scenarios.ts';

const needs = ['root', 'native', 'tool:cc', 'tool:unshare'] as const;
const paths = { ...buildFloor(), unshare: '/usr/bin/unshare' };

for (const scenario of scenarios(paths)) {
  check(`each contestant can do it: ${scenario.title}`, { needs }, async () => {
    const contestants = scenario.contestants.map(({ argv }) => startContestant(argv));
    const times = await measure(contestants, 2);
    await Promise.all(contestants.map(contestant => contestant.end()));
    expect(times.map(row => row.length)).toEqual(contestants.map(() => 2));
    expect(times.flat().every(time => time > 0)).toBe(true);
  });
}

check('a contestant whose program fails is an error, not a fast one', { needs }, async () => {
  const contestant = startContestant([paths.floor, '--', '/bin/false']);
  await expect(contestant.round()).rejects.toThrow('no time came back');
});
