import { expect, test } from 'vitest';
import { createGroup } from '../group/control-groups.ts';
import { controlGroupsOn } from '../group/machine.ts';
import { moveAside } from './move-aside.ts';
import { RecordedHost } from '../recordings/recorded-host.ts';

const top = '/sys/fs/cgroup';

test('controllers that are used are handed down the path, no others', async () => {
  const host = new RecordedHost('v2-debian-12');
  const wish = {
    name: 'box',
    limits: { hugePages: [{ size: '2MB', bytes: 2 ** 21 }] },
  };
  await using group = await createGroup(controlGroupsOn(host), wish);
  expect(host.read(`${top}/cgroup.subtree_control`)).toBe(
    'cpu cpuset memory io pids hugetlb',
  );
  expect(host.read(`${top}/slipway/cgroup.subtree_control`)).toBe(
    'cpu cpuset memory io pids hugetlb',
  );
  expect(group.directories).toEqual([`${top}/slipway/box`]);
});

test('what is handed down already is not written again', async () => {
  const host = new RecordedHost('v2-debian-12');
  const machine = controlGroupsOn(host);
  await using one = await createGroup(machine, { name: 'one' });
  host.writes.length = 0;
  await using two = await createGroup(machine, { name: 'two' });
  expect([one, two].length).toBe(2);
  expect(host.writes).toEqual([]);
});

test('shares become a weight, and swap is counted apart', async () => {
  const host = new RecordedHost('v2-debian-12');
  const limits = {
    cpuQuotaUs: 20_000,
    cpuShares: 1024,
    memoryBytes: 2 ** 26,
    memorySwapBytes: 2 ** 27,
    blkioWeight: 1000,
  };
  await using group = await createGroup(controlGroupsOn(host), { name: 'box', limits });
  const file = (name: string): string => host.read(`${group.directories[0]}/${name}`);
  expect(file('cpu.max')).toBe('20000 100000');
  expect(file('cpu.weight')).toBe('100');
  expect(file('memory.max')).toBe(String(2 ** 26));
  expect(file('memory.swap.max')).toBe(String(2 ** 26));
  expect(file('io.weight')).toBe('default 10000');
});

test('a quota alone keeps the period, a period alone keeps the quota', async () => {
  const host = new RecordedHost('v2-debian-12');
  const limits = { cpuQuotaUs: 20_000, cpuPeriodUs: 50_000 };
  await using group = await createGroup(controlGroupsOn(host), { name: 'box', limits });
  group.set({ cpuQuotaUs: 30_000 });
  expect(host.read(`${group.directories[0]}/cpu.max`)).toBe('30000 50000');
  group.set({ cpuPeriodUs: 60_000 });
  expect(host.read(`${group.directories[0]}/cpu.max`)).toBe('30000 60000');
});

test('two rates of one disk stand in one line and do not undo each other', async () => {
  const host = new RecordedHost('v2-debian-12');
  const on = (perSecond: number) => [{ device: { major: 8, minor: 0 }, perSecond }];
  const limits = { readBytes: on(1000), writeOperations: on(20) };
  await using group = await createGroup(controlGroupsOn(host), { name: 'box', limits });
  expect(host.read(`${group.directories[0]}/io.max`)).toBe(
    '8:0 rbps=1000 wbps=max riops=max wiops=20',
  );
});

test('device rules become a program, put on the group after all that is written', async () => {
  const host = new RecordedHost('v2-debian-12');
  const devices = [{ allow: false, type: 'a', access: 'rwm' }] as const;
  const request = { name: 'box', limits: { devices, pids: 5 } };
  await using group = await createGroup(controlGroupsOn(host), request);
  const [directory = ''] = group.directories;
  expect(host.writes.slice(-2)).toEqual([
    `${directory}/pids.max = 5`,
    `${directory} program of 11`,
  ]);
  host.failures.set(`${directory} program`, ['EPERM']);
  expect(() => group.set({ devices, pids: 9 })).toThrow(/EPERM: only root of the mach/);
  expect(host.read(`${directory}/pids.max`)).toBe('5');
});

test('processors that the group does not get are an error', async () => {
  const host = new RecordedHost('v2-debian-12');
  await using group = await createGroup(controlGroupsOn(host), { name: 'box' });
  host.ignored.add(`${group.directories[0]}/cpuset.cpus`);
  expect(() => group.set({ cpusetCpus: '0' })).toThrow('the file reads "0-1"');
});

test('memory below use first gives back what is cached, then is refused', async () => {
  const host = new RecordedHost('v2-debian-12');
  await using group = await createGroup(controlGroupsOn(host), { name: 'box' });
  const file = (name: string): string => `${group.directories[0]}/${name}`;
  host.put(file('memory.current'), '50000000\n');
  host.put(file('memory.stat'), 'anon 30000000\nfile 20000000\n');
  group.set({ memoryBytes: 40_000_000 });
  expect(host.read(file('memory.max'))).toBe('39997440'); // whole pages
  expect(() => group.set({ memoryBytes: 16_777_216 })).toThrow(
    '30000000 bytes are in use and cannot be freed: choose more',
  );
  expect(host.read(file('memory.max'))).toBe('39997440');
});

test.each([
  [{ netClassId: 1 }, 'ABSENT', 'nft'],
  [{ memorySwappiness: 1 }, 'UNSUPPORTED', 'memorySwapBytes'],
  [{ oomKillDisable: true }, 'UNSUPPORTED', 'always kills'],
  [{ cpuRtRuntimeUs: 1 }, 'UNSUPPORTED', 'cpuQuotaUs'],
])('%j is refused with what there is instead', async (limits, code, word) => {
  const machine = controlGroupsOn(new RecordedHost('v2-debian-12'));
  await expect(createGroup(machine, { name: 'box', limits })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(word),
  });
});

/**
 * A user's session: the top is not theirs, a group was delegated, and the shell is in
 * it.
 */
function delegated(): RecordedHost {
  const host = new RecordedHost('v2-debian-12');
  for (const name of ['cpu', 'cpuset', 'memory', 'io', 'pids']) {
    host.write(`${top}/cgroup.subtree_control`, `+${name}`);
  }
  host.makeDirectory(`${top}/user`);
  host.put(`${top}/user/cgroup.controllers`, 'cpu cpuset memory io pids\n');
  host.denied.add(top);
  host.bear(55);
  host.write(`${top}/user/cgroup.procs`, '55');
  host.replace('/proc/self/cgroup', '0::/user\n');
  return host;
}

test('in a delegated group the processes have to step aside', async () => {
  const host = delegated();
  await expect(createGroup(controlGroupsOn(host), { name: 'box' })).rejects.toThrow(
    'moveAside',
  );
  expect(host.directoriesIn(`${top}/user`)).toEqual([]);

  expect(moveAside(host, `${top}/user`)).toBe(`${top}/user/aside`);
  host.replace('/proc/self/cgroup', '0::/user/aside\n');
  await using group = await createGroup(controlGroupsOn(host), { name: 'box' });
  expect(group.directories).toEqual([`${top}/user/slipway/box`]);
});

test('who owns no group at all is told what to do', async () => {
  const host = delegated();
  host.denied.add(`${top}/user`);
  await expect(
    createGroup(controlGroupsOn(host), { name: 'box', limits: { pids: 5 } }),
  ).rejects.toMatchObject({
    code: 'ABSENT',
    message: expect.stringContaining('Delegate=yes'),
  });
});
