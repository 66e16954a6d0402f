// The life of a group on this machine's kernel.

import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { check, type CheckOptions } from '@slipway/lab/check.ts';
import { spawn, step } from '@slipway/native';
import { expect } from 'vitest';
import { createGroup, openGroup } from './control-groups.ts';
import { linuxControlGroups } from './machine.ts';
import { make, mebibyte, needs, root, startIn, unique } from './groups-for-tests.ts';
import { startWaiting } from './waiting-process.ts';

check('a frozen group stands still, and goes on when thawed', root, async context => {
  needs(context, 'freezer', 'cpuacct');
  await using group = await make();
  await using loop = await startIn(group, 'while :; do :; done');
  expect(loop.pid).toBeGreaterThan(0);
  await group.freeze();
  expect(group.events().frozen).toBe(true);
  const used = group.stats().cpu?.usageUs;
  await pause(300);
  expect(group.stats().cpu?.usageUs).toBe(used);
  await group.thaw();
  expect(group.events().frozen).toBe(false);
  await pause(300);
  expect(group.stats().cpu?.usageUs).toBeGreaterThan(used ?? 0);
});

check(
  'SIGKILL waits for thawing in version 1, and does not in version 2',
  root,
  async context => {
    needs(context, 'freezer');
    await using group = await make();
    await using sleeper = await startIn(group, 'exec sleep 60');
    await group.freeze();
    process.kill(sleeper.pid, 'SIGKILL');
    const { world } = linuxControlGroups().hierarchies.of.freezer;
    const first = await Promise.race([sleeper.ended, pause(500, 'still there')]);
    expect(first === 'still there').toBe(world === 'v1');
    await group.thaw();
    expect((await sleeper.ended).status).toBe('SIGKILL');
  },
);

check('a frozen group is killed all the same', root, async context => {
  needs(context, 'freezer');
  await using group = await make();
  await using sleeper = await startIn(group, 'exec sleep 60');
  await group.freeze();
  await group.kill();
  expect((await sleeper.ended).status).toBe('SIGKILL');
  expect(group.processes()).toEqual([]);
});

check('a program that forks without end is killed whole', root, async context => {
  needs(context, 'pids');
  await using group = await make({ pids: 400 });
  await using bomb = await startIn(
    group,
    // Slow enough to stay below the limit: a shell that may not fork gives up by itself.
    'while :; do (sleep 0.05 & sleep 0.05 & wait) & sleep 0.01; done',
  );
  await pause(300);
  expect(group.processes()).toContain(bomb.pid);
  expect(group.processes().length).toBeGreaterThan(3);
  await group.kill();
  expect(group.processes()).toEqual([]);
  expect((await bomb.ended).status).toBe('SIGKILL');
});

check(
  'a group with a living process is not removed, and says who is in it',
  root,
  async context => {
    needs(context, 'memory');
    await using group = await make();
    await using sleeper = await startIn(group, 'exec sleep 60');
    await expect(group.remove()).rejects.toThrow(
      `end what is in it first: ${sleeper.pid}`,
    );
  },
);

check('groups that were made inside go with the group', root, async context => {
  needs(context, 'memory');
  const machine = linuxControlGroups();
  const name = unique();
  {
    await using group = await createGroup(machine, { name });
    const inner = `${group.directoryOf('memory')}/inner`;
    machine.host.makeDirectory(inner);
    await using sleeper = startWaiting('exec sleep 60');
    machine.host.write(`${inner}/cgroup.procs`, String(sleeper.pid));
    expect(group.processes()).toContain(sleeper.pid);
    await group.kill();
    expect((await sleeper.ended).status).toBe('SIGKILL');
  }
  expect(() => openGroup(machine, { name })).toThrow('there is no control group');
});

check('a name that is taken is refused', root, async context => {
  needs(context, 'memory');
  await using group = await make();
  const again = createGroup(linuxControlGroups(), { name: group.name });
  await expect(again).rejects.toMatchObject({ code: 'EXISTS' });
});

check('a hundred groups come and go, and nothing stays', root, async context => {
  needs(context, 'memory');
  const machine = linuxControlGroups();
  const names = Array.from({ length: 100 }, (_, index) => `${unique()}-${index}`);
  const groups = await Promise.all(names.map(name => createGroup(machine, { name })));
  await Promise.all(groups.map(group => group.remove()));
  const homes = machine.hierarchies.all.map(
    ({ mountPoint }) => `${mountPoint}/slipway`,
  );
  for (const home of homes.filter(existsSync)) {
    expect(
      machine.host.directoriesIn(home).filter(name => names.includes(name)),
    ).toEqual([]);
  }
});

check('a process that does not exist is reported', root, async context => {
  needs(context, 'memory');
  await using group = await make();
  await expect(group.attach(4_194_303)).rejects.toThrow('there is no such process');
});

const withNative: CheckOptions = { needs: ['root', 'native'] };

check(
  'a program is in all its groups from its first instruction',
  withNative,
  async () => {
    await using group = await make({ memoryBytes: 64 * mebibyte });
    const argv = ['cat', '/proc/self/cgroup'];
    await using child = await spawn({
      cgroups: group.directories,
      program: [step.exec(argv, ['PATH=/bin:/usr/bin'])],
      stdio: ['null', 'pipe', 'inherit'],
    });
    const text =
      child.stdout === undefined ? '' : (await child.stdout.toArray()).join('');
    const inside = text
      .split('\n')
      .filter(line => line.endsWith(`/slipway/${group.name}`));
    expect(inside).toHaveLength(group.directories.length);
    expect(await child.wait()).toEqual({ code: 0 });
  },
);
