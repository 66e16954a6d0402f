import { expect, test } from 'vitest';
import { createGroup } from '../group/control-groups.ts';
import { controlGroupsOn } from '../group/machine.ts';
import { RecordedHost } from '../recordings/recorded-host.ts';

const onDisk = (perSecond: number) => [{ device: { major: 8, minor: 0 }, perSecond }];

test('processors and memory nodes come down the whole path', async () => {
  const host = new RecordedHost('v1-one-each');
  const machine = controlGroupsOn(host);
  await using group = await createGroup(machine, { name: 'box', parent: 'teams/blue' });
  const directory = group.directoryOf('cpuset') ?? '';
  expect(directory).toBe('/sys/fs/cgroup/cpuset/teams/blue/box');
  for (const one of [directory, '/sys/fs/cgroup/cpuset/teams/blue']) {
    expect(host.read(`${one}/cpuset.cpus`)).toBe('0-1');
    expect(host.read(`${one}/cpuset.mems`)).toBe('0');
  }
});

test('a parent that is not ours is left standing', async () => {
  const host = new RecordedHost('v1-one-each');
  const group = await createGroup(controlGroupsOn(host), {
    name: 'box',
    parent: 'teams',
  });
  await group.remove();
  expect(host.has('/sys/fs/cgroup/memory/teams')).toBe(true);
  expect(host.has('/sys/fs/cgroup/memory/teams/box')).toBe(false);
});

test('the recorded kernel, too, lets nobody into an empty cpuset', () => {
  const host = new RecordedHost('v1-one-each');
  host.bear(77);
  host.makeDirectory('/sys/fs/cgroup/cpuset/empty');
  expect(() => host.write('/sys/fs/cgroup/cpuset/empty/cgroup.procs', '77')).toThrow(
    'ENOSPC',
  );
});

test('a longer period goes before the quota, a shorter one after it', async () => {
  const host = new RecordedHost('v1-one-each');
  await using group = await createGroup(controlGroupsOn(host), { name: 'box' });
  const order = (): string[] =>
    host.writes.splice(0).map(line => line.replace(/.*cpu\.cfs_/, ''));
  host.writes.length = 0;
  group.set({ cpuPeriodUs: 200_000, cpuQuotaUs: 50_000 });
  expect(order()).toEqual(['period_us = 200000', 'quota_us = 50000']);
  group.set({ cpuPeriodUs: 50_000, cpuQuotaUs: 10_000 });
  expect(order()).toEqual(['quota_us = 10000', 'period_us = 50000']);
});

test('a limit below what is in use is refused with what is in use', async () => {
  const host = new RecordedHost('v1-one-each');
  await using group = await createGroup(controlGroupsOn(host), { name: 'box' });
  host.put(`${group.directoryOf('memory')}/memory.usage_in_bytes`, '50000000\n');
  expect(() => group.set({ memoryBytes: 2 ** 23 })).toThrow(
    '50000000 bytes are in use and cannot be freed: choose more',
  );
});

test('memory above memory and swap together says what to raise', async () => {
  const host = new RecordedHost('v1-one-each');
  const limits = { memoryBytes: 2 ** 25, memorySwapBytes: 2 ** 26 };
  await using group = await createGroup(controlGroupsOn(host), { name: 'box', limits });
  expect(() => group.set({ memoryBytes: 2 ** 27 })).toThrow('raise that too');
});

test('shares that the kernel clamps are an error, and stay what they were', async () => {
  const host = new RecordedHost('v1-one-each');
  await using group = await createGroup(controlGroupsOn(host), { name: 'box' });
  expect(() => group.set({ cpuShares: 1 })).toThrow('the file reads "2"');
  expect(host.read(`${group.directoryOf('cpu')}/cpu.shares`)).toBe('1024');
});

test('a freezer stuck at FREEZING is told again, then thawed', async () => {
  const host = new RecordedHost('v1-one-each');
  await using group = await createGroup(controlGroupsOn(host), { name: 'box' });
  const file = `${group.directoryOf('freezer')}/freezer.state`;
  host.ignored.add(file);
  host.put(file, 'FREEZING\n');
  host.writes.length = 0;
  await expect(group.freeze()).rejects.toThrow('does not freeze');
  expect(host.writes.filter(line => line.endsWith('FROZEN')).length).toBeGreaterThan(
    100,
  );
  expect(host.writes.at(-1)).toBe(`${file} = THAWED`);
  host.ignored.delete(file);
});

test('everything else that version 1 can limit', async () => {
  const host = new RecordedHost('v1-co-mounted');
  await using group = await createGroup(controlGroupsOn(host), {
    name: 'box',
    limits: {
      memorySwappiness: 10,
      oomKillDisable: true,
      readBytes: onDisk(1000),
      readOperations: onDisk(10),
      writeOperations: onDisk(20),
      devices: [
        { allow: false, type: 'a', access: 'rwm' },
        { allow: true, type: 'c', major: 1, minor: 3, access: 'rw' },
        { allow: true, type: 'c', major: 136, access: 'rw' },
      ],
      hugePages: [{ size: '2MB', bytes: 4 * 2 ** 20 }],
      netClassId: 0x0001_0001,
      netPriorities: [{ interface: 'lo', priority: 5 }],
    },
  });
  expect(group.directoryOf('net_cls')).toBe(
    '/sys/fs/cgroup/net_cls,net_prio/slipway/box',
  );
  const settings = host.writes.filter(line => !line.includes('/cpuset'));
  expect(settings.map(line => line.replace('/sys/fs/cgroup/', '')))
    .toMatchInlineSnapshot(`
    [
      "memory/slipway/box/memory.swappiness = 10",
      "memory/slipway/box/memory.oom_control = 1",
      "devices/slipway/box/devices.deny = a *:* rwm",
      "devices/slipway/box/devices.allow = c 1:3 rw",
      "devices/slipway/box/devices.allow = c 136:* rw",
      "blkio/slipway/box/blkio.throttle.read_bps_device = 8:0 1000",
      "blkio/slipway/box/blkio.throttle.read_iops_device = 8:0 10",
      "blkio/slipway/box/blkio.throttle.write_iops_device = 8:0 20",
      "net_cls,net_prio/slipway/box/net_cls.classid = 65537",
      "net_cls,net_prio/slipway/box/net_prio.ifpriomap = lo 5",
      "hugetlb/slipway/box/hugetlb.2MB.limit_in_bytes = 4194304",
    ]
  `);
});

test('a limit whose controller is not there is an error that says why', async () => {
  const machine = controlGroupsOn(new RecordedHost('v1-one-each'));
  const wish = { name: 'box', limits: { netClassId: 1 } };
  await expect(createGroup(machine, wish)).rejects.toMatchObject({
    code: 'ABSENT',
    message: expect.stringContaining('mount -t cgroup -o net_cls'),
  });
});

test('a weight without a scheduler that knows weights says so', async () => {
  const machine = controlGroupsOn(new RecordedHost('v1-co-mounted'));
  const wish = { name: 'box', limits: { blkioWeight: 100 } };
  await expect(createGroup(machine, wish)).rejects.toThrow('bfq');
});

/** Its process 77 has a child at the very moment at which it is killed. */
class ForkingHost extends RecordedHost {
  override signal(pid: number): void {
    super.signal(pid);
    if (pid !== 77) return;
    this.bear(78);
    this.write('/sys/fs/cgroup/memory/slipway/box/cgroup.procs', '78');
  }
}

test('who is born while the others are killed is killed too', async () => {
  const host = new ForkingHost('v1-co-mounted');
  await using group = await createGroup(controlGroupsOn(host), { name: 'box' });
  host.bear(77);
  await group.attach(77);
  await group.kill();
  expect([host.isAlive(77), host.isAlive(78)]).toEqual([false, false]);
});
