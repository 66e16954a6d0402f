/**
 * One container, and what is asked of it: a second process, and to be gone while it runs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Group } from '../bytes/stage.ts';
import { milliseconds, running } from './container.ts';

const pauseMs = 20;

export const alone: Group = {
  title: 'One container, over the API',
  run: async ({ engine: { api }, rounds }) => {
    const execs: number[] = [];
    const removals: number[] = [];
    for (let round = -3; round < rounds * 4; round += 1) {
      const id = await running(api);
      const exec = await milliseconds(async () => {
        const wish = { Cmd: ['true'], AttachStdout: true, AttachStderr: true };
        const { Id } = await api.call('POST', `/containers/${id}/exec`, wish);
        await api.call('POST', `/exec/${Id}/start`, { Detach: false, Tty: false });
      });
      const removal = await milliseconds(() => api.call('DELETE', `/containers/${id}?force=1`));
      if (round >= 0) execs.push(exec);
      if (round >= 0) removals.push(removal);
      await sleep(pauseMs);
    }
    return [
      { name: 'exec: create, start, to its end', unit: 'ms', figures: execs, budget: 15 },
      { name: 'rm -f of a running one', unit: 'ms', figures: removals, budget: 20 },
    ];
  },
};
