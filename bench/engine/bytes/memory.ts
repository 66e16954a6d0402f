/**
 * What the daemon has in memory: at rest after its start, right after three loads, at rest again;
 * and how long anybody has waited for an answer meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange } from './exchange.ts';
import { makeArchives } from './images.ts';
import type { Row } from './row.ts';
import type { Group, Stage } from './stage.ts';

const restMs = 10_000;

export const memory: Group = {
  title: 'Memory of the daemon',
  run: async stage => {
    makeArchives({ ...stage, rounds: 2 });
    const longest: number[] = [];
    const resident = (): number => stage.engine.residentBytes() / 1e6;
    longest.push(await watched(stage));
    const idle = resident();
    for (const round of [-1, 0, 1]) {
      const file = `${stage.place}/image-${round}.tar`;
      await exchange(stage.engine.socket, { method: 'POST', path: '/images/load', file });
    }
    const loaded = resident();
    longest.push(await watched(stage));
    const row = (name: string, figure: number, budget?: number): Row => ({
      ...{ name, unit: 'MB', figures: [figure], budget },
    });
    return [
      row('at rest', idle, 90),
      row('right after three loads of 209 MB', loaded),
      row('at rest again', resident(), 90),
      { name: 'longest wait for a ping at rest', unit: 'ms', figures: longest, budget: 20 },
    ];
  },
};

/** @returns the milliseconds that the slowest of many pings took */
async function watched({ engine }: Stage): Promise<number> {
  const end = performance.now() + restMs;
  let longest = 0;
  for (let began = performance.now(); began < end; began = performance.now()) {
    await engine.api.call('GET', '/_ping');
    longest = Math.max(longest, performance.now() - began);
    await sleep(5);
  }
  return longest;
}
