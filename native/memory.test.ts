import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { collectGarbage, giveBackMemory } from './memory.ts';

function residentKb(what: 'RssFile' | 'RssAnon'): number {
  const found = new RegExp(`^${what}:\\s*(\\d+)`, 'm').exec(
    readFileSync('/proc/self/status', 'utf8'),
  );
  return Number(found?.[1]);
}

check(
  'what was read of the program goes, and comes back where it is used',
  { needs: ['native'] },
  async () => {
    const before = residentKb('RssFile');
    const sum = (): string => createHash('sha256').update('x').digest('hex');
    const known = sum();
    for (let round = 0; round < 3; round += 1) {
      await giveBackMemory();
      expect(residentKb('RssFile')).toBeLessThan(before / 2);
      expect(sum()).toBe(known);
    }
  },
);

check('garbage goes back to the kernel', { needs: ['native'] }, async () => {
  let garbage: unknown[] = Array.from({ length: 400_000 }, (_, index) => ({ index }));
  const before = residentKb('RssAnon');
  expect(garbage).toHaveLength(400_000);
  garbage = [];
  collectGarbage('all');
  await giveBackMemory();
  expect(residentKb('RssAnon')).toBeLessThan(before);
});
