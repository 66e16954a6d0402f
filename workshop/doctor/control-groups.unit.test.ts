import type { Hierarchy } from '@slipway/lab/requires/cgroups.ts';
import { expect, test } from 'vitest';
import { controlGroupRows } from './control-groups.ts';
import { printed } from './row.ts';

const table = (hierarchies: readonly Hierarchy[], writable = true): string =>
  controlGroupRows(hierarchies, () => writable)
    .map(printed)
    .join('\n');

const v2 = (controllers: readonly string[]): Hierarchy => ({
  world: 'v2',
  mountPoint: '/sys/fs/cgroup',
  controllers,
  ownGroup: '/user.slice',
});

test('on a machine with cgroup v2 the controllers have their new names', () => {
  const all = ['cpu', 'cpuset', 'io', 'memory', 'pids', 'hugetlb'];
  expect(table([v2(all)])).toMatchInlineSnapshot(`
    "ok    control groups          may be written to
    ok    controller cpu          cgroup v2, /sys/fs/cgroup, this process in /user.slice
    ok    controller cpuacct      cgroup v2, /sys/fs/cgroup, this process in /user.slice
    ok    controller cpuset       cgroup v2, /sys/fs/cgroup, this process in /user.slice
    ok    controller memory       cgroup v2, /sys/fs/cgroup, this process in /user.slice
    ok    controller pids         cgroup v2, /sys/fs/cgroup, this process in /user.slice
    ok    controller freezer      cgroup v2, /sys/fs/cgroup, this process in /user.slice
    ok    controller devices      cgroup v2, /sys/fs/cgroup, this process in /user.slice
    ok    controller blkio        cgroup v2, /sys/fs/cgroup, this process in /user.slice
    warn  controller net_cls      bound to no hierarchy -> sudo mount -t cgroup -o net_cls none FOLDER
    warn  controller net_prio     bound to no hierarchy -> sudo mount -t cgroup -o net_prio none FOLDER
    ok    controller hugetlb      cgroup v2, /sys/fs/cgroup, this process in /user.slice
    ok    controller perf_event   cgroup v2, /sys/fs/cgroup, this process in /user.slice"
  `);
});

test('on a hybrid machine each controller is found where it is', () => {
  const memory: Hierarchy = {
    world: 'v1',
    mountPoint: '/sys/fs/cgroup/memory',
    controllers: ['memory'],
    ownGroup: '/',
  };
  const lines = table([memory, v2(['cpu'])]).split('\n');
  expect(lines.filter(line => /controller (cpu|memory) /.test(line)).join('\n')).toBe(
    'ok    controller cpu          cgroup v2, /sys/fs/cgroup, this process in /user.slice\n' +
      'ok    controller memory       cgroup v1, /sys/fs/cgroup/memory, this process in /',
  );
});

test('a hierarchy that may not be written to, and none at all, are warnings', () => {
  expect(table([v2(['cpu'])], false).split('\n')[0]).toBe(
    'warn  control groups          1 of 1 may not be written to -> run it with sudo',
  );
  expect(table([])).toMatchInlineSnapshot(
    `"warn  control groups          no hierarchy is mounted -> sudo mount -t cgroup2 none /sys/fs/cgroup"`,
  );
});
