// The counters of version 2 in the common shape.
//
// - statsV2(controllers, look): what the files of one directory tell
// - eventsV2(controllers, look)
//
// Times are microseconds. cpu.stat and the pressure files are in every group, also
// where the controllers of that name are bound to version 1.

import type { Controller } from '../hierarchies/controllers.ts';
import {
  counted,
  parseAmount,
  parseFlat,
  parsePressure,
  pidsStats,
} from '../group/stats.ts';
import type {
  CpuStats,
  DeviceStats,
  GroupEvents,
  GroupStats,
  Look,
} from '../group/stats.ts';

export function statsV2(controllers: readonly Controller[], look: Look): GroupStats {
  const has = (controller: Controller): boolean => controllers.includes(controller);
  return counted<GroupStats>({
    // Only where no version 1 hierarchy counts: else the same time would be told twice.
    cpu: has('cpuacct') ? cpu(look) : undefined,
    memory: has('memory') ? memory(look) : undefined,
    pids: has('pids') ? pidsStats(look) : undefined,
    io: has('blkio') ? io(look('io.stat')) : undefined,
    pressure: pressure(look),
  });
}

export function eventsV2(
  controllers: readonly Controller[],
  look: Look,
): Omit<GroupEvents, 'populated'> {
  // A file is asked for only where it is: to hear that there is none takes longer.
  const of = (controller: Controller, file: string): string | undefined =>
    controllers.includes(controller) ? look(file) : undefined;
  return counted<Omit<GroupEvents, 'populated'>>({
    frozen: parseFlat(look('cgroup.events')).get('frozen') === 1,
    oomKills: parseFlat(of('memory', 'memory.events')).get('oom_kill'),
    refusedForks: parseFlat(of('pids', 'pids.events')).get('max'),
  });
}

function cpu(look: Look): CpuStats {
  const stat = parseFlat(look('cpu.stat'));
  const [quota, period] = look('cpu.max')?.split(' ') ?? [];
  const limited = quota !== undefined && quota !== 'max';
  return counted<CpuStats>({
    usageUs: stat.get('usage_usec'),
    userUs: stat.get('user_usec'),
    systemUs: stat.get('system_usec'),
    perCpuUs: undefined,
    periods: stat.get('nr_periods'),
    throttledPeriods: stat.get('nr_throttled'),
    throttledUs: stat.get('throttled_usec'),
    limitCpus: limited ? Number(quota) / Number(period) : undefined,
  });
}

function memory(look: Look): GroupStats['memory'] {
  const stat = parseFlat(look('memory.stat'));
  const of = (key: string): number => stat.get(key) ?? 0;
  const events = parseFlat(look('memory.events'));
  return counted<NonNullable<GroupStats['memory']>>({
    usageBytes: parseAmount(look('memory.current')) ?? 0,
    peakBytes: parseAmount(look('memory.peak')),
    limitBytes: parseAmount(look('memory.max')),
    swapBytes: parseAmount(look('memory.swap.current')),
    swapLimitBytes: parseAmount(look('memory.swap.max')),
    anonBytes: of('anon'),
    fileBytes: of('file'),
    activeFileBytes: of('active_file'),
    inactiveFileBytes: of('inactive_file'),
    activeAnonBytes: of('active_anon'),
    inactiveAnonBytes: of('inactive_anon'),
    sharedBytes: of('shmem'),
    mappedBytes: of('file_mapped'),
    dirtyBytes: of('file_dirty'),
    writebackBytes: of('file_writeback'),
    slabReclaimableBytes: stat.get('slab_reclaimable'),
    slabUnreclaimableBytes: stat.get('slab_unreclaimable'),
    pageFaults: of('pgfault'),
    majorPageFaults: of('pgmajfault'),
    limitHits: events.get('max'),
    oomKills: events.get('oom_kill'),
  });
}

/** `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0` */
function io(text: string | undefined): DeviceStats[] {
  const lines = (text ?? '').split('\n').filter(line => line.includes('='));
  return lines.map(line => {
    const of = (key: string): number =>
      Number(new RegExp(` ${key}=(\\d+)`).exec(line)?.[1] ?? 0);
    return {
      device: line.split(' ')[0] ?? '',
      readBytes: of('rbytes'),
      writtenBytes: of('wbytes'),
      reads: of('rios'),
      writes: of('wios'),
    };
  });
}

function pressure(look: Look): GroupStats['pressure'] {
  const found = counted<NonNullable<GroupStats['pressure']>>({
    cpu: parsePressure(look('cpu.pressure')),
    memory: parsePressure(look('memory.pressure')),
    io: parsePressure(look('io.pressure')),
  });
  return Object.keys(found).length === 0 ? undefined : found;
}
