// The counts of control groups in the shape of Docker's statistics.
//
// - `shownStats(sample)`: the object that is sent, and what the next one needs of this
//
// Source: Docker Engine API v1.45, ContainerStats.

import type { ContainerStats } from '../../../execdriver/stats.ts';
import type { NetworkStats } from './network-stats.ts';

/** `cpu_stats` as it was sent. */
export type CpuSample = Readonly<Record<string, unknown>>;

export interface StatsSample {
  readonly read: string;
  readonly preread: string;
  readonly before: CpuSample;
  readonly name?: string;
  readonly id?: string;
  /** Undefined if it does not run. */
  readonly used?: ContainerStats;
  readonly host?: { readonly cpuNs: number; readonly cpus: number; readonly memoryBytes: number };
  readonly networks?: NetworkStats;
}

export function shownStats(sample: StatsSample): {
  readonly shown: object;
  readonly cpu: CpuSample;
} {
  const { used, host, networks } = sample;
  const cpu = cpuStats(used, host);
  const isEmpty = Object.keys(sample.before).length === 0;
  const shown = {
    read: sample.read,
    preread: sample.preread,
    pids_stats: pidsStats(used),
    blkio_stats: ioStats(used),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpu,
    precpu_stats: isEmpty ? cpuStats(undefined, undefined) : sample.before,
    memory_stats: memoryStats(used, host?.memoryBytes),
    name: sample.name,
    id: sample.id,
    ...(networks && Object.keys(networks).length > 0 && { networks }),
  };
  return { shown, cpu };
}

function cpuStats(used: ContainerStats | undefined, host: StatsSample['host']): CpuSample {
  const { usageUs = 0, userUs = 0, systemUs = 0, perCpuUs } = used?.cpu ?? {};
  const { periods = 0, throttledPeriods = 0, throttledUs = 0 } = used?.cpu ?? {};
  return {
    cpu_usage: {
      total_usage: usageUs * 1000,
      ...(perCpuUs && { percpu_usage: perCpuUs.map(us => us * 1000) }),
      usage_in_kernelmode: systemUs * 1000,
      usage_in_usermode: userUs * 1000,
    },
    ...(host && { system_cpu_usage: host.cpuNs, online_cpus: host.cpus }),
    throttling_data: {
      periods,
      throttled_periods: throttledPeriods,
      throttled_time: throttledUs * 1000,
    },
  };
}

function pidsStats(used: ContainerStats | undefined): object {
  const pids = used?.pids;
  if (pids === undefined) return {};
  return { current: pids.current, ...(pids.limit !== undefined && { limit: pids.limit }) };
}

function memoryStats(used: ContainerStats | undefined, hostBytes = 0): object {
  const memory = used?.memory;
  if (memory === undefined) return {};
  return {
    usage: memory.usageBytes,
    ...(memory.peakBytes !== undefined && { max_usage: memory.peakBytes }),
    stats: {
      // Both versions' names: clients look for either.
      active_anon: memory.activeAnonBytes,
      active_file: memory.activeFileBytes,
      inactive_anon: memory.inactiveAnonBytes,
      inactive_file: memory.inactiveFileBytes,
      total_inactive_file: memory.inactiveFileBytes,
      anon: memory.anonBytes,
      rss: memory.anonBytes,
      total_rss: memory.anonBytes,
      file: memory.fileBytes,
      cache: memory.fileBytes,
      total_cache: memory.fileBytes,
      file_mapped: memory.mappedBytes,
      mapped_file: memory.mappedBytes,
      shmem: memory.sharedBytes,
      swap: memory.swapBytes ?? 0,
      pgfault: memory.pageFaults,
      pgmajfault: memory.majorPageFaults,
    },
    ...(memory.limitHits !== undefined && { failcnt: memory.limitHits }),
    limit: Math.min(memory.limitBytes ?? hostBytes, hostBytes || Infinity),
  };
}

function ioStats(used: ContainerStats | undefined): object {
  const nothing = {
    io_service_bytes_recursive: null,
    io_serviced_recursive: null,
    io_queue_recursive: null,
    io_service_time_recursive: null,
    io_wait_time_recursive: null,
    io_merged_recursive: null,
    io_time_recursive: null,
    sectors_recursive: null,
  };
  if (used?.io === undefined) return nothing;
  const bytes = used.io.flatMap(({ device, readBytes, writtenBytes }) => {
    const [major = 0, minor = 0] = device.split(':').map(Number);
    return [
      { major, minor, op: 'read', value: readBytes },
      { major, minor, op: 'write', value: writtenBytes },
    ];
  });
  return { ...nothing, io_service_bytes_recursive: bytes };
}
