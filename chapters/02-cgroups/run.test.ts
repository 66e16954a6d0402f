// The runtime on this machine's kernel, where the checkpoints do not look: devices,
// namespaces of groups, refusals of the kernel, and what is left after SIGKILL.

import { existsSync, readFileSync } from 'node:fs';
import { undoAll } from '@slipway/lab';
import { check, type CheckOptions } from '@slipway/lab/check.ts';
import { read, runSubject, startSubject, ourSubject } from '@slipway/lab/checkpoint.ts';
import { expect } from 'vitest';
import { groupsIn, withContainer } from './checkpoints/evidence.ts';
import { needs } from './group/groups-for-tests.ts';

const subject = ourSubject(`${import.meta.dirname}/run.ts`);
const root: CheckOptions = { needs: ['root', 'native', 'tool:busybox'] };

check(
  '--device lets a program open what it names, and no other disk',
  root,
  async context => {
    needs(context, 'devices');
    const script = 'true < /dev/null && true < /dev/zero && true < /dev/kmsg';
    const words = ['--', 'busybox', 'sh', '-c', script];
    const refused = await runSubject(subject, ['--device', '/dev/full', ...words]);
    expect(refused.stderr).toContain("can't open /dev/kmsg: Operation not permitted");
    const allowed = await runSubject(subject, ['--device', '/dev/kmsg:r', ...words]);
    expect(allowed).toMatchObject({ status: 0, stderr: '' });
  },
);

check('with --cgroup the own group is the root that is seen', root, async context => {
  needs(context, 'memory');
  const words = ['--cgroup', '--memory', '64m', '--', 'busybox', 'cat'];
  const { stdout } = await runSubject(subject, [...words, '/proc/self/cgroup']);
  expect(stdout).toMatch(/^(0::|\d+:memory:|\d+:\S*,memory\S*:)\/$/m);
  expect(stdout).not.toContain('slipway');
});

check(
  '--explain prints the group and the program, and makes nothing',
  root,
  async context => {
    needs(context, 'memory');
    const options = ['--explain', '--pid', '--mount', '--memory', '64m', '--init'];
    const { stdout, status } = await runSubject(subject, [...options, '--', 'sh']);
    expect(status).toBe(0);
    const wanted = ['mkdir -p', "echo '67108864' >", 'clone3', 'move_mount', 'fork()'];
    const places = wanted.map(word => stdout.indexOf(word));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  },
);

check(
  'an update below what is in use is refused, and nothing changes',
  root,
  async context => {
    needs(context, 'memory');
    await withContainer(
      subject,
      ['--memory', '512m'],
      async ({ application, file }) => {
        const pid = String(application);
        // Inside the group Node itself is what uses more than that.
        const words = [...subject.command, 'update', '--memory', '8m', pid];
        const result = await runSubject(subject, ['enter', pid, '--', ...words]);
        expect(result).toMatchObject({ status: 125 });
        expect(result.stderr).toContain('in use and cannot be freed');
        const limit = file('memory', ['memory.limit_in_bytes', 'memory.max']);
        expect(limit).toBe(String(2 ** 29));
      },
    );
  },
);

check('stats tells of the limits of each container', root, async context => {
  needs(context, 'memory', 'pids');
  await withContainer(
    subject,
    ['--memory', '64m', '--pids', '7'],
    async ({ application }) => {
      const { stdout } = await runSubject(subject, ['stats', String(application)]);
      expect(stdout).toMatch(/^PID .*LIMIT/);
      expect(stdout).toMatch(new RegExp(`^${application} .* 64\\.0 MiB +1/7`, 'm'));
    },
  );
});

check('a paused container lets nobody in, and says why', root, async context => {
  needs(context, 'freezer');
  await withContainer(subject, ['--pids', '7'], async ({ application }) => {
    await runSubject(subject, ['pause', String(application)]);
    const words = ['enter', String(application), '--', 'busybox', 'true'];
    const { status, stderr } = await runSubject(subject, words);
    expect(status).toBe(125);
    expect(stderr).toContain('frozen');
  });
});

check('after SIGKILL the ledger knows what to remove', root, async context => {
  needs(context, 'memory');
  const state = await context.scratch();
  const command = ['env', `SLIPWAY_STATE=${state}`, ...subject.command];
  await using running = await startSubject({ command }, ['--memory', '64m']);
  const groups = groupsIn(read(running.application, 'cgroup'));
  expect(groups.length).toBeGreaterThan(0);
  process.kill(running.pid, 'SIGKILL');
  await running.ended();
  expect(groups.filter(existsSync)).toEqual(groups);
  await undoAll({ path: `${state}/ledger.jsonl` });
  expect(groups.filter(existsSync)).toEqual([]);
});

check('a process that is in no group of ours is left alone', root, async () => {
  const { status, stderr } = await runSubject(subject, ['pause', '1']);
  expect(status).toBe(125);
  expect(stderr).toContain('process 1 is in no control group of ours');
});

check('the view of /proc follows an update', root, async context => {
  needs(context, 'memory');
  const options = ['--pid', '--mount', '--memory', '64m'];
  await withContainer(subject, options, async ({ application }) => {
    const meminfo = (): string =>
      readFileSync(`/proc/${application}/root/proc/meminfo`, 'utf8');
    expect(meminfo()).toMatch(/^MemTotal: +65536 kB$/m);
    await runSubject(subject, ['update', '--memory', '128m', String(application)]);
    await expect.poll(meminfo, { timeout: 10_000 }).toMatch(/^MemTotal: +131072 kB$/m);
  });
});
