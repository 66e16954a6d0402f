// Limits on this machine's kernel, in whichever world each controller is.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import type { Group } from '../group/group.ts';
import { make, mebibyte, needs, root, startIn } from '../group/groups-for-tests.ts';

/**
 * Percent of one processor that the group used over three seconds, by the kernel's count.
 */
async function usagePercent(group: Group): Promise<number> {
  const [usedBefore, before] = [group.stats().cpu?.usageUs ?? 0, performance.now()];
  await pause(3000);
  const used = (group.stats().cpu?.usageUs ?? 0) - usedBefore;
  return used / 10 / (performance.now() - before);
}

/**
 * Others run here too: their home's shares let this machine's groups have a processor.
 */
function favour(group: Group): void {
  const home = dirname(group.directoryOf('cpu') ?? '');
  const version2 = existsSync(`${home}/cpu.weight`);
  writeFileSync(`${home}/${version2 ? 'cpu.weight' : 'cpu.shares'}`, '10000');
}

check('a busy loop takes a processor; with a fifth, a fifth', root, async context => {
  needs(context, 'cpu', 'cpuacct');
  await using group = await make();
  favour(group);
  await using loop = await startIn(group, 'while :; do :; done');
  expect(loop.pid).toBeGreaterThan(0);
  expect(await usagePercent(group)).toBeGreaterThan(50);
  group.set({ cpuQuotaUs: 20_000, cpuPeriodUs: 100_000 });
  await pause(500); // what it had of the running period before
  const limited = await usagePercent(group);
  expect(limited).toBeGreaterThan(15);
  expect(limited).toBeLessThan(28); // a guest's clock ticks late at times
  expect(group.stats().cpu?.limitCpus).toBe(0.2);
  expect(group.stats().cpu?.throttledPeriods).toBeGreaterThan(0);
});

check('who wants more memory than the limit is killed: 137', root, async context => {
  needs(context, 'memory');
  await using group = await make({ memoryBytes: 32 * mebibyte });
  await using hog = await startIn(group, 'tail /dev/zero; echo "status $?"');
  expect((await hog.ended).output).toContain('status 137');
  const { memory } = group.stats();
  expect(memory?.oomKills).toBeGreaterThanOrEqual(1);
  expect(memory?.peakBytes ?? 0).toBeLessThanOrEqual(32 * mebibyte);
  expect(group.events().oomKills).toBeGreaterThanOrEqual(1);
});

check('no more processes than allowed are born', root, async context => {
  needs(context, 'pids');
  await using group = await make({ pids: 4 });
  await using forks = await startIn(
    group,
    'for i in 1 2 3 4 5 6; do sleep 60 >/dev/null 2>&1 & done; wait',
  );
  expect((await forks.ended).output).toMatch(/fork/);
  const { pids } = group.stats();
  expect(pids?.current).toBeLessThanOrEqual(4);
  expect(pids?.refused).toBeGreaterThanOrEqual(1);
});

check('a process runs on the processors of its group only', root, async context => {
  needs(context, 'cpuset');
  await using group = await make({ cpusetCpus: '0' });
  await using sleeper = await startIn(group, 'exec sleep 60');
  const status = readFileSync(`/proc/${sleeper.pid}/status`, 'utf8');
  expect(/^Cpus_allowed_list:\t(.*)$/m.exec(status)?.[1]).toBe('0');
});

check('a processor that is not there is refused', root, async context => {
  needs(context, 'cpuset');
  await expect(make({ cpusetCpus: '4000' })).rejects.toMatchObject({ code: 'REFUSED' });
});

check(
  'limits of a group at work are raised, lowered and taken away',
  root,
  async context => {
    needs(context, 'memory', 'pids');
    await using group = await make({ memoryBytes: 64 * mebibyte });
    await using sleeper = await startIn(group, 'exec sleep 60');
    expect(sleeper.pid).toBeGreaterThan(0);
    for (const size of [128, 16, 256, 32]) {
      group.set({ memoryBytes: size * mebibyte, pids: size });
      expect(group.stats().memory?.limitBytes).toBe(size * mebibyte);
      expect(group.stats().pids?.limit).toBe(size);
    }
    group.set({ memoryBytes: -1, pids: -1 });
    expect(group.stats().memory?.limitBytes).toBeUndefined();
    expect(group.stats().pids?.limit).toBeUndefined();
  },
);

check('memory and swap are raised and lowered together', root, async context => {
  needs(context, 'memory');
  await using group = await make();
  const swapFiles = ['memory.memsw.limit_in_bytes', 'memory.swap.max'];
  const directory = group.directoryOf('memory');
  if (!swapFiles.some(file => existsSync(`${directory}/${file}`))) {
    context.skip('NOT RUN: this kernel does not count swap (swapaccount=1)');
  }
  for (const [memory, both] of [
    [64, 128],
    [256, 256],
    [16, 64],
    [128, 128],
  ] as const) {
    group.set({ memoryBytes: memory * mebibyte, memorySwapBytes: both * mebibyte });
    const { limitBytes, swapLimitBytes } = group.stats().memory ?? {};
    expect([limitBytes, swapLimitBytes]).toEqual([
      memory * mebibyte,
      (both - memory) * mebibyte,
    ]);
  }
});

check(
  'a limit below what is in use is refused, and the program lives',
  root,
  async context => {
    needs(context, 'memory');
    await using group = await make({ memoryBytes: 128 * mebibyte });
    // The shell holds 24 MiB in a variable and stops itself.
    const script = 'x=$(head -c 25165824 /dev/zero | tr "\\0" x); kill -STOP $$';
    await using holder = await startIn(group, script);
    while (
      (group.stats().memory?.anonBytes ?? 0) < 24 * mebibyte ||
      group.processes().length > 1
    ) {
      await pause(20);
    }
    expect(() => group.set({ memoryBytes: 8 * mebibyte })).toThrow(
      /in use and cannot be freed/,
    );
    expect(group.stats().memory?.limitBytes).toBe(128 * mebibyte);
    expect(group.processes()).toContain(holder.pid);
    expect(group.stats().memory?.oomKills).toBe(0);
  },
);

check('a device that is not allowed cannot be opened', root, async context => {
  needs(context, 'devices');
  await using group = await make({
    devices: [
      { allow: false, type: 'a', access: 'rwm' },
      { allow: true, type: 'c', major: 1, minor: 5, access: 'r' },
    ],
  });
  const script = 'head -c 1 /dev/zero | wc -c; head -c 1 /dev/urandom';
  await using reader = await startIn(group, script);
  expect((await reader.ended).output).toMatch(/^1\n.*urandom.*Operation not permitted/);
});

check(
  'what a process writes to a disk is counted, and slowed down',
  root,
  async context => {
    needs(context, 'blkio');
    const disk = ['/dev/vda', '/dev/sda', '/dev/nvme0n1'].find(path =>
      existsSync(path),
    );
    if (disk === undefined)
      return context.skip('NOT RUN: needs a disk of this machine');
    const number = readFileSync(`/sys/class/block/${disk.slice(5)}/dev`, 'utf8').trim();
    const [major = 0, minor = 0] = number.split(':').map(Number);
    const writeBytes = [{ device: { major, minor }, perSecond: mebibyte }];
    await using group = await make({ writeBytes });
    const file = `${await context.scratch()}/file`;
    const script = `dd if=/dev/zero of=${file} bs=256k count=8 oflag=direct 2>&1`;
    const start = performance.now();
    await using writer = await startIn(group, script);
    const { output } = await writer.ended;
    expect(output).toContain('2097152 bytes');
    // 2 MiB at 1 MiB a second; the first piece of it goes through at once.
    expect(performance.now() - start).toBeGreaterThan(1000);
    const counted = group.stats().io?.find(({ device }) => device === number);
    expect(counted?.writtenBytes).toBeGreaterThanOrEqual(2 * mebibyte);
  },
);

check('huge pages are limited where the kernel counts them', root, async context => {
  needs(context, 'hugetlb');
  await using group = await make({
    hugePages: [{ size: '2MB', bytes: 4 * mebibyte }],
  });
  const directory = group.directoryOf('hugetlb');
  const files = ['hugetlb.2MB.max', 'hugetlb.2MB.limit_in_bytes'];
  const file = files.find(name => existsSync(`${directory}/${name}`));
  expect(readFileSync(`${directory}/${file}`, 'utf8').trim()).toBe('4194304');
});
