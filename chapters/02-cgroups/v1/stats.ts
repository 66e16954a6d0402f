// The counters of version 1 in the common shape.
//
// - statsV1(controllers, look): what the files of one directory tell
// - eventsV1(controllers, look)
//
// Times are nanoseconds in cpuacct.usage* and throttled_time, USER_HZ in cpuacct.stat.

import type { Controller } from '../hierarchies/controllers.ts';
import { counted, parseAmount, parseFlat, pidsStats } from '../group/stats.ts';
import type {
  CpuStats,
  DeviceStats,
  GroupEvents,
  GroupStats,
  Look,
} from '../group/stats.ts';

export function statsV1(controllers: readonly Controller[], look: Look): GroupStats {
  const has = (controller: Controller): boolean => controllers.includes(controller);
  return counted<GroupStats>({
    cpu: has('cpu') || has('cpuacct') ? cpu(look) : undefined,
    memory: has('memory') ? memory(look) : undefined,
    pids: has('pids') ? pidsStats(look) : undefined,
    io: has('blkio') ? io(look) : undefined,
    pressure: undefined,
  });
}

export function eventsV1(
  controllers: readonly Controller[],
  look: Look,
): Omit<GroupEvents, 'populated'> {
  // A file is asked for only where it is: to hear that there is none takes longer.
  const of = (controller: Controller, file: string): string | undefined =>
    controllers.includes(controller) ? look(file) : undefined;
  const shortage = parseFlat(of('memory', 'memory.oom_control'));
  const killsNobody = shortage.get('oom_kill_disable') === 1;
  return counted<Omit<GroupEvents, 'populated'>>({
    frozen: of('freezer', 'freezer.state') === 'FROZEN',
    oomKills: shortage.get('oom_kill'),
    waitsForMemory: killsNobody ? shortage.get('under_oom') === 1 : undefined,
    refusedForks: parseFlat(of('pids', 'pids.events')).get('max'),
  });
}

/**
 * Where cpu and cpuacct are apart each directory has one half; the group joins them.
 */
function cpu(look: Look): CpuStats {
  const stat = parseFlat(look('cpu.stat'));
  const quota = parseAmount(look('cpu.cfs_quota_us'));
  const period = parseAmount(look('cpu.cfs_period_us'));
  return counted<CpuStats>({
    usageUs: microseconds(parseAmount(look('cpuacct.usage'))),
    userUs: microseconds(parseAmount(look('cpuacct.usage_user'))),
    systemUs: microseconds(parseAmount(look('cpuacct.usage_sys'))),
    perCpuUs: look('cpuacct.usage_percpu')
      ?.trim()
      .split(/\s+/)
      .map(text => Math.round(Number(text) / 1000)),
    periods: stat.get('nr_periods'),
    throttledPeriods: stat.get('nr_throttled'),
    throttledUs: microseconds(stat.get('throttled_time')),
    limitCpus: quota === undefined || period === undefined ? undefined : quota / period,
  });
}

function microseconds(nanoseconds: number | undefined): number | undefined {
  return nanoseconds === undefined ? undefined : Math.round(nanoseconds / 1000);
}

function memory(look: Look): GroupStats['memory'] {
  const stat = parseFlat(look('memory.stat'));
  // total_*: with the groups below; the plain names count this group alone.
  const of = (key: string): number => stat.get(`total_${key}`) ?? stat.get(key) ?? 0;
  const limitBytes = parseAmount(look('memory.limit_in_bytes'));
  const withSwap = parseAmount(look('memory.memsw.limit_in_bytes'));
  return counted<NonNullable<GroupStats['memory']>>({
    usageBytes: parseAmount(look('memory.usage_in_bytes')) ?? 0,
    peakBytes: parseAmount(look('memory.max_usage_in_bytes')),
    limitBytes,
    swapBytes: stat.has('total_swap') ? of('swap') : undefined,
    swapLimitBytes:
      limitBytes === undefined || withSwap === undefined
        ? undefined
        : withSwap - limitBytes,
    anonBytes: of('rss'),
    fileBytes: of('cache'),
    activeFileBytes: of('active_file'),
    inactiveFileBytes: of('inactive_file'),
    activeAnonBytes: of('active_anon'),
    inactiveAnonBytes: of('inactive_anon'),
    sharedBytes: of('shmem'),
    mappedBytes: of('mapped_file'),
    dirtyBytes: of('dirty'),
    writebackBytes: of('writeback'),
    slabReclaimableBytes: undefined,
    slabUnreclaimableBytes: undefined,
    pageFaults: of('pgfault'),
    majorPageFaults: of('pgmajfault'),
    limitHits: parseAmount(look('memory.failcnt')),
    oomKills: parseFlat(look('memory.oom_control')).get('oom_kill'),
  });
}

/** `8:0 Read 4096` in one file for bytes and in one for operations. */
function io(look: Look): DeviceStats[] {
  const bytes = perDevice(look('blkio.throttle.io_service_bytes_recursive'));
  const operations = perDevice(look('blkio.throttle.io_serviced_recursive'));
  return [...bytes].map(([device, of]) => ({
    device,
    readBytes: of.get('Read') ?? 0,
    writtenBytes: of.get('Write') ?? 0,
    reads: operations.get(device)?.get('Read') ?? 0,
    writes: operations.get(device)?.get('Write') ?? 0,
  }));
}

function perDevice(text: string | undefined): Map<string, Map<string, number>> {
  const devices = new Map<string, Map<string, number>>();
  for (const line of text?.split('\n') ?? []) {
    const [device = '', kind = '', value] = line.split(' ');
    if (value === undefined) continue; // the line "Total 4096" at the end
    const of = devices.get(device) ?? new Map<string, number>();
    devices.set(device, of.set(kind, Number(value)));
  }
  return devices;
}
