import { expect, test } from 'vitest';
import type { Lab } from '@slipway/lab';
import { topLine, untilItFits } from './processor-time.ts';

/** What a reader would be told, and the figures that a look gives one after the other. */
async function looked(
  figures: readonly number[],
): Promise<{ told: number; seen: number }> {
  let [told, looks] = [0, 0];
  const lab: Pick<Lab, 'say'> = { say: () => (told += 1) };
  const look = async (): Promise<number> =>
    figures[Math.min(looks++, figures.length - 1)] ?? 0;
  const seen = await untilItFits(lab, look, percent => percent > 15 && percent < 25);
  return { told, seen };
}

test('what fits is looked at once, and what a pause has spoilt again', async () => {
  expect(await looked([20])).toEqual({ told: 0, seen: 20 });
  expect(await looked([41.9, 0, 19.8, 99])).toEqual({ told: 2, seen: 19.8 });
});

test('what is wrong stays wrong, and an end is made', async () => {
  expect(await looked([99.1])).toEqual({ told: 4, seen: 99.1 });
});

test('the figures read as those of top', () => {
  expect(topLine({ percent: 20, userPercent: 19, seconds: 2 })).toBe(
    '%Cpu0 : 19.0 us,  1.0 sy,  0.0 ni, 80.0 id,  0.0 wa,  0.0 hi,  0.0 si',
  );
});
