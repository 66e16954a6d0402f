/** A keeper as its daemon meets it: births, ends, what it keeps, and how it goes. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { path, shell, sleeper } from '../../process/collect.ts';
import { step } from '../../program/program.ts';
import { withKeeper } from './keeping.ts';
import { prepareKeeper, readExit, startKeeper } from '../start.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;
const quiet = ['null', 'null', 'null'] as const;

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

check('two hundred children leave no descriptor and no memory behind', { needs }, context =>
  withKeeper(context, async keeper => {
    const possessions = async (): Promise<readonly number[]> => {
      // Once it answers, it has forgotten whose end it has told.
      await keeper.held('nothing');
      return [process.pid, keeper.pid].map(pid => readdirSync(`/proc/${pid}/fd`).length);
    };
    const run = async (name: string): Promise<void> => {
      const child = await keeper.spawn({ name, program: [shell('echo $0; exit 3')] });
      expect(await child.wait()).toMatchObject({ status: { code: 3 } });
    };
    await Promise.all(Array.from({ length: 10 }, (_, index) => run(`first-${index}`)));
    const before = [await possessions(), residentKb(keeper.pid)] as const;
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 10 }, (_, index) => run(`child-${index}`)));
    }
    expect(await possessions()).toEqual(before[0]);
    expect(residentKb(keeper.pid)).toBeLessThanOrEqual(before[1] + 64);
  }),
);

check('no end is lost when others end beside it', { needs }, context =>
  withKeeper(context, async keeper => {
    for (let round = 0; round < 40; round++) {
      const names = Array.from({ length: 12 }, (_, index) => `${round}-${index}`);
      const born = names.map(name => keeper.spawn({ name, stdio: quiet, program: [sleeper] }));
      const children = await Promise.all(born);
      for (const child of children) child.kill('SIGKILL');
      const endings = await Promise.all(children.map(child => child.wait()));
      expect(endings.map(ending => ending.status)).toEqual(
        names.map(() => ({ signal: 'SIGKILL' })),
      );
    }
  }),
);

check('fifty children at once are fifty children', { needs }, context =>
  withKeeper(context, async keeper => {
    const ends = Array.from({ length: 50 }, async (_, index) => {
      const program = [step.setHostname(`box-${index}`), shell(`exit ${index}`)];
      const namespaces = ['pid', 'uts'] as const;
      const child = await keeper.spawn({ name: `${index}`, namespaces, program });
      return (await child.wait()).status;
    });
    expect(await Promise.all(ends)).toEqual(ends.map((_, code) => ({ code })));
  }),
);

check('a step that is refused is named, and no child is left', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    const refused = keeper.spawn({
      name: 'main',
      isMain: true,
      program: [step.changeDirectory('/no/such'), sleeper],
    });
    await expect(refused).rejects.toThrow('step 0 (changeDirectory): chdir("/no/such"): ENOENT');
    expect(keeper.children()).toEqual([]);
    expect(await readExit(folder)).toBeUndefined();
    const absent = keeper.spawn({ name: 'main', program: [step.exec(['/no/such'], [])] });
    await expect(absent).rejects.toThrow('there is no /no/such');
    const lost = keeper.spawn({ name: 'main', program: [sleeper], cgroups: ['/no/such'] });
    await expect(lost).rejects.toThrow('open("/no/such", O_PATH|O_DIRECTORY): ENOENT');
  }),
);

check('an init that is killed at a barrier is an error', { needs }, context =>
  withKeeper(context, async keeper => {
    const started = keeper.spawn({
      name: 'main',
      namespaces: ['pid'],
      program: [step.barrier('here'), sleeper],
      onBarrier: (_, child) => void child.kill('SIGKILL'),
    });
    await expect(started).rejects.toThrow('slipway-init ended before its application began');
    expect(keeper.children()).toEqual([]);
  }),
);

check('a name is taken as long as its child lives', { needs }, context =>
  withKeeper(context, async keeper => {
    const child = await keeper.spawn({ name: 'one', stdio: quiet, program: [sleeper] });
    const second = keeper.spawn({ name: 'one', stdio: quiet, program: [sleeper] });
    await expect(second).rejects.toThrow('EEXIST');
    child.kill('SIGKILL');
    await child.wait();
    const third = await keeper.spawn({ name: 'one', stdio: quiet, program: [sleeper] });
    third.kill('SIGKILL');
  }),
);

check('a program of megabytes arrives', { needs }, context =>
  withKeeper(context, async keeper => {
    const words = Array.from({ length: 1000 }, (_, index) => `${index}`.padEnd(1000, '<'));
    const script = 'test $# = 1000 && test ${#1} = 1000';
    const program = [step.exec(['busybox', 'sh', '-c', script, 'sh', ...words], [path])];
    const child = await keeper.spawn({ name: 'long', program });
    expect((await child.wait()).status).toEqual({ code: 0 });
  }),
);

check('one folder has one keeper; a dead one gives way', { needs }, async context => {
  const folder = await context.scratch();
  const first = await startKeeper({ folder });
  await expect(startKeeper({ folder })).rejects.toThrow('EADDRINUSE');
  process.kill(first.pid, 'SIGKILL');
  await first.gone;
  const second = await startKeeper({ folder });
  await second.bye();
  await second.gone;
  expect(readdirSync(folder)).toEqual([]);
});

check('one that waits has no place, bears nobody, and goes', { needs }, async context => {
  const folder = await context.scratch();
  const keeper = await prepareKeeper();
  const name = (): string => readFileSync(`/proc/${keeper.pid}/comm`, 'utf8').trim();
  expect(name()).toBe('slipway-spare');
  const birth = { name: 'main', stdio: quiet, program: [sleeper] };
  await expect(keeper.spawn(birth)).rejects.toThrow('EINVAL');
  expect(readdirSync(folder)).toEqual([]);
  // All orders in a row, as a start has them.
  const [, child] = await Promise.all([keeper.place(folder), keeper.spawn(birth)]);
  expect(name()).toBe('slipway-keeper');
  expect(readdirSync(folder)).toEqual(['keeper.sock']);
  await expect(keeper.place(folder)).rejects.toThrow('EISCONN');
  child.kill('SIGKILL');
  await child.wait();
  await keeper.bye();
  await keeper.gone;
  expect(existsSync(`/proc/${keeper.pid}`)).toBe(false);
});

check('one that waits ends with who made it', { needs }, async () => {
  const script = `import { prepareKeeper } from '${import.meta.dirname}/../start.ts';
    console.log((await prepareKeeper()).pid); process.kill(process.pid, 'SIGKILL');`;
  const args = ['--input-type=module', '--eval', script];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const pid = Number(stdout);
  expect(pid).toBeGreaterThan(1);
  await expect.poll(() => isKeeper(pid), { timeout: 5000 }).toBe(false);
});

/** Its number may be somebody else's by now, and who made it does not reap it any more. */
function isKeeper(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return /^Name:\s+slipway-/m.test(status) && !/^State:\s+Z/m.test(status);
  } catch {
    return false;
  }
}

function residentKb(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Private_Dirty:\s+(\d+)/m.exec(rollup)?.[1]);
}
