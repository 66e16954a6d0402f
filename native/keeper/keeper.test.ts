/** A keeper as its daemon meets it: births, ends, what it keeps, and how it goes. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { shell, sleeper } from '../process/collect.ts';
import { step } from '../program/program.ts';
import type { Keeper } from './keeper.ts';
import { readExit, startKeeper } from './start.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;
const quiet = ['null', 'null', 'null'] as const;

async function keeperIn(folder: string): Promise<Keeper> {
  return startKeeper({ folder });
}

/** A keeper of its own, which is told to go at the end. */
async function withKeeper(
  { scratch }: CheckContext,
  use: (keeper: Keeper, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await scratch();
  const keeper = await keeperIn(folder);
  try {
    await use(keeper, folder);
  } finally {
    for (const child of keeper.children()) child.kill('SIGKILL');
    await keeper.bye();
    await keeper.gone;
  }
}

for (const code of [0, 1, 255]) {
  check(`a child that ends with ${code} is told so, and so is the file`, { needs }, context =>
    withKeeper(context, async (keeper, folder) => {
      const program = [shell(`exit ${code}`)];
      const child = await keeper.spawn({ name: 'main', isMain: true, stdio: quiet, program });
      const ending = await child.wait();
      expect(ending).toMatchObject({ status: { code }, lostLines: 0, hasLostKeeper: false });
      expect(ending.finishedAtNs >= child.startedAtNs).toBe(true);
      expect(await readExit(folder)).toEqual(ending);
    }),
  );
}

check('a child that a signal ends is told so', { needs }, context =>
  withKeeper(context, async keeper => {
    const child = await keeper.spawn({ name: 'main', stdio: quiet, program: [sleeper] });
    expect(child.kill('SIGTERM')).toBe(true);
    expect(await child.wait()).toMatchObject({ status: { signal: 'SIGTERM' } });
    expect(child.kill('SIGTERM')).toBe(false);
  }),
);

check('the parent of a child is its keeper, a forked one, too', { needs }, context =>
  withKeeper(context, async keeper => {
    const plain = await keeper.spawn({ name: 'a', stdio: quiet, program: [sleeper] });
    const program = [step.fork(['pid', 'uts']), sleeper];
    const forked = await keeper.spawn({ name: 'b', stdio: quiet, program });
    for (const child of [plain, forked]) {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      expect(/^PPid:\s+(\d+)$/m.exec(status)?.[1]).toBe(`${keeper.pid}`);
    }
    forked.kill('SIGKILL');
    expect(await forked.wait()).toMatchObject({ status: { signal: 'SIGKILL' } });
  }),
);
