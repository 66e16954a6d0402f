/**
 * Requirements: what is here is found, what is not is named with what to do; recorded machines
 * stand in for the worlds that this one is not.
 */
import { expect, test } from 'vitest';
import { firstUnmet, isRequirement, probe, unmet } from './requires.ts';
import { controllerWorld, hierarchies, type CgroupFacts } from './requires/cgroups.ts';

const v1 = (id: number, controllers: string, root = '/', at = controllers): string =>
  `${id} 31 0:${id} ${root} /sys/fs/cgroup/${at} rw,relatime - cgroup cgroup rw,${controllers}`;
const v2 = (at: string): string => `90 31 0:90 / ${at} rw,relatime - cgroup2 cgroup2 rw,nsdelegate`;

function machine(mounts: string[], selfCgroup: string[], offered = ''): CgroupFacts {
  return {
    mountinfo: mounts.join('\n'),
    selfCgroup: selfCgroup.join('\n'),
    offered: () => `${offered}\n`,
  };
}

test('on a pure v2 machine every controller is in the one hierarchy', () => {
  const found = hierarchies(
    machine([v2('/sys/fs/cgroup')], ['0::/user.slice/me.scope'], 'cpuset cpu io memory pids'),
  );
  expect(controllerWorld('memory', found)).toEqual({
    world: 'v2',
    mountPoint: '/sys/fs/cgroup',
    controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'],
    ownGroup: '/user.slice/me.scope',
  });
  expect(controllerWorld('freezer', found)).toBeUndefined();
});

test('on a hybrid machine each controller is where it is bound', () => {
  const found = hierarchies(
    machine(
      [v1(40, 'cpu,cpuacct'), v1(41, 'name=systemd', '/', 'systemd'), v2('/sys/fs/cgroup/unified')],
      ['2:cpu,cpuacct:/', '1:name=systemd:/init.scope', '0::/'],
      'hugetlb',
    ),
  );
  expect(controllerWorld('cpuacct', found)?.mountPoint).toBe('/sys/fs/cgroup/cpu,cpuacct');
  expect(controllerWorld('hugetlb', found)?.world).toBe('v2');
  expect(controllerWorld('name=systemd', found)?.ownGroup).toBe('/init.scope');
});

test('a mount that shows only a part of the hierarchy still finds our own group', () => {
  const [inside] = hierarchies(machine([v1(40, 'cpu', '/docker/abc')], ['3:cpu:/docker/abc/x']));
  const [outside] = hierarchies(machine([v1(40, 'cpu', '/docker/abc')], ['3:cpu:/elsewhere']));
  expect([inside?.ownGroup, outside?.ownGroup]).toEqual(['/x', undefined]);
});

test('a machine without control groups has none', () => {
  expect(hierarchies(machine(['22 27 0:21 / /proc rw - proc proc rw'], ['0::/']))).toEqual([]);
});

test('what is missing is named, with what to do', () => {
  expect(unmet('tool:no-such-tool')).toBe('the tool no-such-tool is missing: install it');
  expect(unmet('kernel>=99.1')).toMatch(/^needs Linux 99\.1 or later: this is \d/);
  expect(unmet('cgroup-v1:no-such')).toBe(
    'needs the controller no-such in cgroup v1: here it is in no mounted hierarchy',
  );
  expect(unmet('namespace:no-such')).toMatch(/has no no-such namespace$/);
  expect(unmet('filesystem:no-such')).toMatch(/try `sudo modprobe no-such`$/);
});

test('what is here is met', () => {
  expect(unmet('tool:bash')).toBeUndefined();
  expect(unmet('kernel>=3.0')).toBeUndefined();
  expect(unmet('namespace:mnt')).toBeUndefined();
  expect(unmet('filesystem:proc')).toBeUndefined();
});

test('of several needs the first that is not met is told', () => {
  expect(firstUnmet(['tool:bash', 'tool:first', 'tool:second'])).toMatch(/tool first/);
  expect(firstUnmet([])).toBeUndefined();
});

test('a probe asks once for each requirement', () => {
  const before = process.env.PATH;
  const asked = probe();
  expect(asked.unmet('tool:bash')).toBeUndefined();
  process.env.PATH = '/nonexistent';
  expect(asked.unmet('tool:bash')).toBeUndefined();
  expect(probe().unmet('tool:bash')).toMatch(/tool bash is missing/);
  process.env.PATH = before;
});

test('words that name no requirement are told apart', () => {
  expect(['root', 'tool:nft', 'kernel>=5.6', 'cgroup-v2:io'].every(isRequirement)).toBe(true);
  expect(['Root', 'tool:', 'kernel>5', 'magic', ''].some(isRequirement)).toBe(false);
  expect(() => unmet('magic' as never)).toThrow('unknown requirement "magic"');
});
