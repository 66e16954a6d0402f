/** Control groups: inside from birth, in both versions, and the ways in which that can go wrong. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { record, settle } from '@slipway/lab';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import { collect, shell } from './collect.ts';
import { step } from '../program/program.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;
const v1 = [...needs, 'cgroup-v1:freezer', 'cgroup-v1:pids'] as const;

/** Where a hierarchy is mounted: version 2, or the version 1 of `controller`. */
function mountPoint(controller?: string): string {
  const found = readMountinfo().find(mount =>
    controller === undefined
      ? mount.type === 'cgroup2'
      : mount.type === 'cgroup' && mount.superOptions.split(',').includes(controller),
  );
  if (found === undefined) throw new Error(`no hierarchy ${controller ?? 'of version 2'}`);
  return found.mountPoint;
}

/** A new group, removed with the test. */
function group({ hold }: CheckContext, parent: string): string {
  const folder = `${parent}/slipway-native-${process.pid}-${performance.now()}`;
  const id = record({ kind: 'cgroup', target: folder });
  mkdirSync(folder);
  hold({
    [Symbol.asyncDispose]: async () => {
      await removeGroup(folder);
      settle(id);
    },
  });
  return folder;
}

/** The kernel answers EBUSY for a moment after the last process has died. */
async function removeGroup(folder: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }
}

const whereItIs = shell('cat /proc/self/cgroup');

check('a group of version 2 is entered before the first instruction', { needs }, async context => {
  const folder = group(context, mountPoint());
  const { stdout } = await collect({ cgroups: [folder], program: [whereItIs] });
  expect(stdout).toMatch(new RegExp(`^0::.*${folder.slice(folder.lastIndexOf('/'))}$`, 'm'));
});

check('groups of version 1 and 2 are entered together', { needs: v1 }, async context => {
  const folders = [mountPoint(), mountPoint('freezer'), mountPoint('pids')].map(parent =>
    group(context, parent),
  );
  const { stdout } = await collect({ cgroups: folders, program: [whereItIs] });
  for (const folder of folders) expect(stdout).toContain(folder.slice(folder.lastIndexOf('/')));
});

check(
  'with a cgroup namespace each of its groups is the root inside',
  { needs: v1 },
  async context => {
    const folders = [mountPoint(), mountPoint('pids')].map(parent => group(context, parent));
    const { stdout } = await collect({
      namespaces: ['cgroup', 'user', 'pid'],
      cgroups: folders,
      program: [whereItIs],
    });
    expect(stdout).toMatch(/^0::\/$/m);
    expect(stdout).toMatch(/^\d+:pids:\/$/m);
  },
);

check('a group that was ever killed is entered all the same', { needs }, async context => {
  const folder = group(context, mountPoint());
  writeFileSync(`${folder}/cgroup.kill`, '1');
  const { stdout, status } = await collect({ cgroups: [folder], program: [whereItIs] });
  expect(stdout).toContain(folder.slice(folder.lastIndexOf('/')));
  expect(status).toEqual({ code: 0 });
});

check('the init itself is in the group, at its first barrier', { needs }, async context => {
  const folder = group(context, mountPoint());
  let members = '';
  let pid = 0;
  await collect({
    cgroups: [folder],
    program: [step.barrier('look'), whereItIs],
    onBarrier: (_, child) => {
      members = readFileSync(`${folder}/cgroup.procs`, 'utf8');
      ({ pid } = child);
    },
  });
  expect(members).toBe(`${pid}\n`);
});

check('a limit of processes holds for the application', { needs: v1 }, async context => {
  const folder = group(context, mountPoint('pids'));
  writeFileSync(`${folder}/pids.max`, '1');
  const { stderr } = await collect({ cgroups: [folder], program: [shell('true | true')] });
  expect(stderr).toMatch(/can't fork/);
});

check(
  'a frozen group is refused: a birth in it would stop all of us',
  { needs: v1 },
  async context => {
    const [one, two] = [group(context, mountPoint('freezer')), group(context, mountPoint())];
    writeFileSync(`${one}/freezer.state`, 'FROZEN');
    writeFileSync(`${two}/cgroup.freeze`, '1');
    for (const folder of [one, two]) {
      await expect(collect({ cgroups: [folder], program: [whereItIs] })).rejects.toThrow(
        `clone3(into "${folder}"): EBUSY: the control group is frozen`,
      );
    }
  },
);

check('a folder that is no group is refused by its name', { needs }, async ({ scratch }) => {
  const folder = await scratch();
  await expect(collect({ cgroups: [folder], program: [whereItIs] })).rejects.toThrow(
    `open("${folder}/tasks", O_WRONLY): ENOENT`,
  );
});

check('a group that takes no processes says so', { needs }, async context => {
  const folder = group(context, mountPoint());
  // A threaded group may have a domain below it that is invalid until it is threaded, too.
  writeFileSync(`${folder}/cgroup.type`, 'threaded');
  const below = group(context, folder);
  await expect(collect({ cgroups: [below], program: [whereItIs] })).rejects.toThrow(
    `write(the group's tasks or cgroup.procs, "0"): EOPNOTSUPP`,
  );
});
