import { expect, test } from 'vitest';
import { Clock } from './clock.ts';

const millisecond = 1_000_000n;

/** A clock of the machine whose date can be set beside its ticks. */
function machine() {
  const state = { ticks: 5n * millisecond, setBy: 0n };
  const sources = {
    dateMs: () => {
      state.ticks += 1000n;
      return Number((state.ticks + state.setBy) / millisecond) + 1000;
    },
    ticks: () => state.ticks,
  };
  return { state, sources };
}

test('the time lies within the millisecond that the date says, and never stands', () => {
  const { state, sources } = machine();
  const clock = new Clock(sources);
  let before = 0n;
  for (let n = 0; n < 1000; n += 1) {
    state.ticks += BigInt(n * 37);
    const now = clock.now();
    const off = now - (state.ticks + 1000n * millisecond);
    expect([off < millisecond && off > -millisecond, now > before]).toEqual([true, true]);
    before = now;
  }
});

test('when the date is set forward the time follows', () => {
  const { state, sources } = machine();
  const clock = new Clock(sources);
  clock.now();
  state.setBy = 3_600_000n * millisecond;
  const off = clock.now() - (state.ticks + state.setBy + 1000n * millisecond);
  expect(off < millisecond && off > -millisecond).toBe(true);
});
