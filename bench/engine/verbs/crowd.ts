/**
 * Many at once: fifty are started and removed together, two hundred are listed while they run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../api.ts';
import type { Group } from '../bytes/stage.ts';
import { created, milliseconds, running } from './container.ts';

const [together, many] = [50, 200];
/** How long the kernel may take down what went. */
const pauseMs = 1000;

export const crowd: Group = {
  title: 'Many containers, over the API',
  run: async ({ engine: { api, pid }, rounds }) => {
    const rates: number[] = [];
    const removals: number[] = [];
    for (let round = -1; round < rounds; round += 1) {
      const ids = await Promise.all(Array.from({ length: together }, () => created(api)));
      const start = (id: string) => api.call('POST', `/containers/${id}/start`);
      const startMs = await milliseconds(() => Promise.all(ids.map(start)));
      const removeMs = await milliseconds(() => removeAll(api, ids));
      if (round >= 0) rates.push((together / startMs) * 1000);
      if (round >= 0) removals.push(removeMs / 1000);
      await sleep(pauseMs);
    }
    return [
      { name: `${together} starts at once, a second`, unit: '/s', figures: rates, budget: 100 },
      { name: `rm -f of ${together} at once`, unit: 's', figures: removals, budget: 1.5 },
      ...(await whileManyRun(api, pid, rounds)),
    ];
  },
};

async function whileManyRun(api: Api, pid: number, rounds: number) {
  const ids: string[] = [];
  while (ids.length < many) ids.push(await running(api));
  const lists: number[] = [];
  for (let round = -3; round < rounds * 4; round += 1) {
    const list = await milliseconds(() => api.call('GET', '/containers/json'));
    if (round >= 0) lists.push(list);
  }
  const memory = keepersOf(pid).map(proportionalMegabytes);
  await removeAll(api, ids);
  const each = memory.reduce((sum, one) => sum + one, 0) / many;
  return [
    { name: `ps with ${many} running`, unit: 'ms', figures: lists, budget: 15 },
    { name: 'PSS for each that runs', unit: 'MB', figures: [each], budget: 0.6 },
  ] as const;
}

async function removeAll(api: Api, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map(id => api.call('DELETE', `/containers/${id}?force=1`)));
}

/** The processes by which the daemon holds its containers. */
function keepersOf(daemon: number): readonly number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => fileOf(pid, 'status').includes(`\nPPid:\t${daemon}\n`));
}

function proportionalMegabytes(pid: number): number {
  return Number(/^Pss:\s*(\d+)/m.exec(fileOf(pid, 'smaps_rollup'))?.[1] ?? 0) / 1000;
}

/** Empty for a process that has just ended. */
function fileOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
