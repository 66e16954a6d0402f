/**
 * Rounds in turn: A B C, B C A, C A B, …
 *
 * - measure(contestants, rounds)  the nanoseconds of every round, by contestant
 *
 * Whatever else the machine does falls on all alike, and none always comes after the same other.
 * Between two rounds the kernel gets a moment: it takes a network namespace down after the
 * process has ended, and that must not be paid by whoever comes next.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant } from '../contestant.ts';

/** How long the kernel may tidy up after each container. */
const pauseMs = 5;
/** The first rounds of each contestant, in which code is compiled and caches fill. */
const warmUpRounds = 20;

export async function measure(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<readonly (readonly number[])[]> {
  const times = contestants.map((): number[] => []);
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const turn of contestants.keys()) {
      const index = (turn + round + warmUpRounds) % contestants.length;
      const took = await contestants[index]?.round();
      if (round >= 0 && took !== undefined) times[index]?.push(took);
      await sleep(pauseMs);
    }
  }
  return times;
}
