import { assert, double, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { procView, type HostTexts, type Inside } from './proc-view.ts';
import { nextLoad, tasksIn } from './load.ts';
import { meminfoText } from './meminfo.ts';
import { moreAllowed } from './time.ts';
import type { MemoryStats } from '../group/stats.ts';

const host: HostTexts = {
  meminfo: [
    'MemTotal:       24684092 kB',
    'MemFree:        15510964 kB',
    'MemAvailable:   21331020 kB',
    'Buffers:           55056 kB',
    'Cached:          5248048 kB',
    'SwapTotal:       1048576 kB',
    'SwapFree:        1048576 kB',
    'AnonPages:       2735688 kB',
    'Slab:             940888 kB',
    'HugePages_Total:       0',
    'DirectMap4k:       28672 kB',
    '',
  ].join('\n'),
  cpuinfo: [0, 1, 2, 3]
    .map(number => `processor\t: ${number}\nsiblings\t: 4\ncore id\t\t: ${number}\n\n`)
    .join(''),
  stat: [
    'cpu  429955 0 78030 325765 1908 0 604 1201 0 0',
    ...[0, 1, 2, 3].map(number => `cpu${number} 1 0 1 1 0 0 0 0 0 0`),
    'intr 4856496 0 0',
    'ctxt 17906642',
    'btime 1795555134',
    'processes 117053',
    'procs_running 10',
    'procs_blocked 3',
    'softirq 1927844 0 220498',
    '',
  ].join('\n'),
};

const memory: MemoryStats = {
  usageBytes: 20 * 2 ** 20,
  limitBytes: 64 * 2 ** 20,
  swapBytes: 2 ** 20,
  swapLimitBytes: 64 * 2 ** 20,
  anonBytes: 10 * 2 ** 20,
  fileBytes: 9 * 2 ** 20,
  activeFileBytes: 4 * 2 ** 20,
  inactiveFileBytes: 4 * 2 ** 20,
  activeAnonBytes: 6 * 2 ** 20,
  inactiveAnonBytes: 4 * 2 ** 20,
  sharedBytes: 2 ** 20,
  mappedBytes: 2 ** 20,
  dirtyBytes: 0,
  writebackBytes: 0,
  pageFaults: 1,
  majorPageFaults: 0,
};

const inside: Inside = {
  stats: {
    cpu: { usageUs: 2_000_000, userUs: 1_500_000, systemUs: 500_000, limitCpus: 0.2 },
    memory,
  },
  cpus: [1, 3],
  aliveSeconds: 20,
  allowedUs: 4_000_000,
  load: [0.2, 0.1, 0.05],
  tasks: { running: 1, blocked: 0, total: 3, lastPid: 12 },
};

test('a fifth of a processor and 64 MiB, as they look inside', () => {
  const texts = [...procView(inside, host)].map(
    ([path, text]) => `== ${path}\n${text}`,
  );
  expect(texts.join('')).toMatchInlineSnapshot(`
    "== /proc/meminfo
    MemTotal:          65536 kB
    MemFree:           45056 kB
    MemAvailable:      53248 kB
    Buffers:               0 kB
    Cached:             9216 kB
    SwapTotal:         65536 kB
    SwapFree:          64512 kB
    AnonPages:         10240 kB
    HugePages_Total:       0
    DirectMap4k:       28672 kB
    == /proc/cpuinfo
    processor	: 0
    siblings	: 1
    core id		: 1

    == /proc/stat
    cpu  150 0 50 200 0 0 0 0 0 0
    cpu0 150 0 50 200 0 0 0 0 0 0
    intr 4856496 0 0
    ctxt 17906642
    btime 1795555134
    processes 117053
    procs_running 1
    procs_blocked 0
    softirq 1927844 0 220498
    == /proc/uptime
    20.00 2.00
    == /proc/loadavg
    0.20 0.10 0.05 1/3 12
    == /sys/devices/system/cpu/online
    0
    "
  `);
});

test("without limits the memory is the host's, the processors the group's", () => {
  const { limitCpus: _, ...cpu } = inside.stats.cpu ?? {};
  const { limitBytes: __, ...unlimited } = memory;
  const view = procView({ ...inside, stats: { cpu, memory: unlimited } }, host);
  expect(view.get('/proc/meminfo')).toBe(host.meminfo);
  expect(view.get('/sys/devices/system/cpu/online')).toBe('0-1\n');
  expect(view.get('/proc/cpuinfo')?.match(/core id\t\t: \d/g)).toEqual([
    'core id\t\t: 1',
    'core id\t\t: 3',
  ]);
});

test.each([
  [0.2, '0\n'],
  [1, '0\n'],
  [1.5, '0-1\n'],
  [3.2, '0-3\n'],
  [64, '0-3\n'],
])('time for %d of four processors shows %j', (limitCpus, online) => {
  const stats = { cpu: { limitCpus } };
  const view = procView({ ...inside, cpus: [0, 1, 2, 3], stats }, host);
  expect(view.get('/sys/devices/system/cpu/online')).toBe(online);
});

test('free memory is never negative, and the lines keep their columns', () => {
  const text = meminfoText(host.meminfo, { ...memory, usageBytes: 2 ** 40 });
  expect(text).toContain('MemFree:               0 kB');
  expect(text).toContain('HugePages_Total:       0\nDirectMap4k:       28672 kB\n');
});

test('swap is no more than the host has', () => {
  const text = meminfoText(host.meminfo, { ...memory, swapLimitBytes: 2 ** 40 });
  expect(text).toContain('SwapTotal:       1048576 kB');
});

/** The busy and idle ticks of each line of the processors. */
function ticks(view: ReadonlyMap<string, string>): number[][] {
  const lines = (view.get('/proc/stat') ?? '')
    .split('\n')
    .filter(one => one.startsWith('cpu'));
  return lines.map(one => one.split(/\s+/).slice(1).map(Number));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

describe('the processors in /proc/stat', () => {
  test('add up to the line for all of them, whatever was used', () => {
    const time = integer({ min: 0, max: 1e12 });
    assert(
      property(time, time, integer({ min: 1, max: 64 }), (usageUs, idleUs, count) => {
        const cpus = Array.from({ length: count }, (_, index) => index);
        const stats = { cpu: { usageUs, userUs: usageUs, systemUs: 0 } };
        const view = procView(
          { ...inside, cpus, stats, allowedUs: usageUs + idleUs },
          host,
        );
        const [all = [], ...each] = ticks(view);
        const columns = all.map((_, column) => sum(each.map(one => one[column] ?? 0)));
        return JSON.stringify(columns) === JSON.stringify(all);
      }),
    );
    expect(ticks(procView(inside, host))).toHaveLength(2);
  });

  test('never run backwards while time passes', () => {
    const step = integer({ min: 0, max: 50_000 });
    assert(
      property(step, step, step, (userUs, systemUs, idleUs) => {
        const at = (factor: number): number[] => {
          const stats = {
            cpu: { userUs: userUs * factor, systemUs: systemUs * factor },
          };
          const allowedUs = (userUs + systemUs + idleUs) * factor;
          return ticks(procView({ ...inside, stats, allowedUs }, host)).flat();
        };
        const [before, after] = [at(1), at(2)];
        return after.every((tick, index) => tick >= (before[index] ?? 0));
      }),
    );
    expect(moreAllowed(0, 10, [0, 1], undefined)).toBe(20e6);
    expect(moreAllowed(0, 10, [0, 1], 0.2)).toBe(2e6);
  });
});

describe('load', () => {
  test('grows to the number of those who run, and fades without them', () => {
    const busy = { running: 2, blocked: 1, total: 9, lastPid: 1 };
    const none = { running: 0, blocked: 0, total: 1, lastPid: 1 };
    const [one, five, fifteen] = nextLoad([0, 0, 0], busy, 60);
    expect([one, five, fifteen].map(load => load.toFixed(2))).toEqual([
      '1.90',
      '0.54',
      '0.19',
    ]);
    expect(nextLoad([3, 3, 3], none, 3600)[0]).toBeLessThan(0.01);
  });

  test('two looks after a second each are as good as one after two', () => {
    const tasks = { running: 1, blocked: 0, total: 1, lastPid: 1 };
    assert(
      property(double({ min: 0, max: 100, noNaN: true }), before => {
        const twice = nextLoad(nextLoad([before, 0, 0], tasks, 1), tasks, 1);
        const once = nextLoad([before, 0, 0], tasks, 2);
        return Math.abs(twice[0] - once[0]) < 1e-9;
      }),
    );
    expect(nextLoad([1, 1, 1], tasks, 1)).toEqual([1, 1, 1]);
  });

  test('processes are counted by their state, whatever their name', () => {
    const stats = ['7 (sh) S 1 7', '12 (a) R) D 7 7', '9 ((x) R 7 7', '3 (cat) R 1'];
    expect(tasksIn(stats)).toEqual({ running: 2, blocked: 1, total: 4, lastPid: 12 });
    expect(tasksIn([])).toEqual({ running: 0, blocked: 0, total: 0, lastPid: 0 });
  });
});
