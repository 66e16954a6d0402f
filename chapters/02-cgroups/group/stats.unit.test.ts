import { describe, expect, test } from 'vitest';
import { joinStats } from './seats.ts';
import { parseAmount, parsePressure } from './stats.ts';
import { eventsV1, statsV1 } from '../v1/stats.ts';
import { eventsV2, statsV2 } from '../v2/stats.ts';

const looking = (files: Readonly<Record<string, string>>) => (file: string) =>
  files[file]?.trim();

describe('version 1', () => {
  const look = looking({
    'cpuacct.usage': '410248123',
    'cpuacct.usage_user': '402000000',
    'cpuacct.usage_sys': '8248123',
    'cpuacct.usage_percpu': '410248123 0 ',
    'cpu.stat':
      'nr_periods 20\nnr_throttled 18\nthrottled_time 1246973000\nnr_bursts 0',
    'cpu.cfs_quota_us': '20000',
    'cpu.cfs_period_us': '100000',
    'memory.usage_in_bytes': '33554432',
    'memory.max_usage_in_bytes': '33554432',
    'memory.limit_in_bytes': '33554432',
    'memory.memsw.limit_in_bytes': '67108864',
    'memory.failcnt': '311',
    'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2',
    'memory.stat': 'cache 1\nrss 2\ntotal_cache 100\ntotal_rss 200\ntotal_pgfault 7',
    'pids.current': '4',
    'pids.max': 'max',
    'pids.events': 'max 3',
    'freezer.state': 'FROZEN',
    'blkio.throttle.io_service_bytes_recursive':
      '254:0 Read 4096\n254:0 Write 8192\n254:0 Total 12288\nTotal 12288',
    'blkio.throttle.io_serviced_recursive': '254:0 Read 1\n254:0 Write 2\nTotal 3',
  });

  test('nanoseconds become microseconds, and the groups below are counted in', () => {
    const stats = statsV1(['cpu', 'cpuacct', 'memory', 'pids', 'blkio'], look);
    expect(stats.cpu).toEqual({
      usageUs: 410_248,
      userUs: 402_000,
      systemUs: 8248,
      perCpuUs: [410_248, 0],
      periods: 20,
      throttledPeriods: 18,
      throttledUs: 1_246_973,
      limitCpus: 0.2,
    });
    expect(stats.memory).toMatchObject({
      limitBytes: 33_554_432,
      swapLimitBytes: 33_554_432,
      anonBytes: 200,
      fileBytes: 100,
      pageFaults: 7,
      limitHits: 311,
      oomKills: 2,
    });
    expect(stats.pids).toEqual({ current: 4, refused: 3 });
    expect(stats.io).toEqual([
      { device: '254:0', readBytes: 4096, writtenBytes: 8192, reads: 1, writes: 2 },
    ]);
  });

  test('the two halves of the processor become one', () => {
    const { cpu } = joinStats([
      statsV1(['cpu'], looking({ 'cpu.stat': 'nr_periods 5' })),
      statsV1(['cpuacct'], looking({ 'cpuacct.usage': '2000' })),
      statsV1(['pids'], looking({ 'pids.current': '1' })),
    ]);
    expect(cpu).toEqual({ periods: 5, usageUs: 2 });
  });

  test('what happened', () => {
    const seen = eventsV1(['memory', 'pids', 'freezer'], look);
    expect(seen).toEqual({ frozen: true, oomKills: 2, refusedForks: 3 });
  });

  test('where nobody is to be killed, who wants memory waits', () => {
    const waiting = (text: string): boolean | undefined =>
      eventsV1(['memory'], looking({ 'memory.oom_control': text })).waitsForMemory;
    expect(waiting('oom_kill_disable 1\nunder_oom 1\noom_kill 0')).toBe(true);
    expect(waiting('oom_kill_disable 1\nunder_oom 0\noom_kill 0')).toBe(false);
    expect(waiting('oom_kill_disable 0\nunder_oom 1\noom_kill 0')).toBe(undefined);
  });
});

describe('version 2', () => {
  const look = looking({
    'cpu.stat':
      'usage_usec 410248\nuser_usec 402000\nsystem_usec 8248\nnr_periods 20\n' +
      'nr_throttled 18\nthrottled_usec 1246973',
    'cpu.max': '20000 100000',
    'memory.current': '33554432',
    'memory.max': '33554432',
    'memory.swap.max': 'max',
    'memory.swap.current': '0',
    'memory.stat': 'anon 200\nfile 100\npgfault 7\nslab_reclaimable 50',
    'memory.events': 'low 0\nhigh 0\nmax 311\noom 2\noom_kill 2',
    'pids.current': '4',
    'pids.max': '20',
    'pids.peak': '5',
    'pids.events': 'max 3',
    'cgroup.events': 'populated 1\nfrozen 1',
    'io.stat': '254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n7:0 \n',
    'cpu.pressure':
      'some avg10=14.12 avg60=2.55 avg300=0.53 total=1594757\n' +
      'full avg10=1.50 avg60=0.25 avg300=0.00 total=1000',
  });

  test('the same shape as version 1', () => {
    const stats = statsV2(['cpu', 'cpuacct', 'memory', 'pids', 'blkio'], look);
    expect(stats.cpu).toEqual({
      usageUs: 410_248,
      userUs: 402_000,
      systemUs: 8248,
      periods: 20,
      throttledPeriods: 18,
      throttledUs: 1_246_973,
      limitCpus: 0.2,
    });
    expect(stats.memory).toMatchObject({
      limitBytes: 33_554_432,
      swapBytes: 0,
      anonBytes: 200,
      fileBytes: 100,
      slabReclaimableBytes: 50,
      limitHits: 311,
      oomKills: 2,
    });
    expect(stats.memory).not.toHaveProperty('swapLimitBytes');
    expect(stats.memory).not.toHaveProperty('peakBytes');
    expect(stats.pids).toEqual({ current: 4, limit: 20, peak: 5, refused: 3 });
    expect(stats.io).toEqual([
      { device: '254:0', readBytes: 4096, writtenBytes: 8192, reads: 1, writes: 2 },
    ]);
    expect(stats.pressure?.cpu?.some).toEqual({
      avg10: 14.12,
      avg60: 2.55,
      avg300: 0.53,
      totalUs: 1_594_757,
    });
    expect(stats.pressure).not.toHaveProperty('memory');
  });

  test('beside version 1 it tells only what that does not count', () => {
    expect(Object.keys(statsV2(['hugetlb', 'perf_event'], look))).toEqual(['pressure']);
  });

  test('what happened', () => {
    const seen = eventsV2(['memory', 'pids'], look);
    expect(seen).toEqual({ frozen: true, oomKills: 2, refusedForks: 3 });
  });
});

test('no limit has many spellings and one meaning', () => {
  for (const text of ['max', '-1', '9223372036854771712', '9223372035781033984']) {
    expect(parseAmount(text)).toBeUndefined();
  }
  expect(parseAmount('0\n')).toBe(0);
});

test('pressure may lack its second line, and the file may be missing', () => {
  const some = { avg10: 0, avg60: 0, avg300: 0, totalUs: 5 };
  expect(parsePressure('some avg10=0.00 avg60=0.00 avg300=0.00 total=5')).toEqual({
    some,
  });
  expect(parsePressure(undefined)).toBeUndefined();
});
