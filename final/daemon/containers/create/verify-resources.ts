// Limits that the kernel, or good sense, does not accept.
//
// - `verifyResources(resources, host, isUpdate)`: throws INVALID with Docker's words; what this
//   machine cannot limit is left out, with a warning
//
// The order is Docker's: of two mistakes the first is answered. Source: daemon/daemon_unix.go of
// moby, verifyPlatformContainerResources; cpuset(7) for lists of processors.

import { invalid } from '../../../engine/refusal.ts';
import type { Resources } from '../record/host-config.ts';
import type { Host } from './host.ts';
import { parseRanges } from './ranges.ts';

export interface Judged<Limits> {
  readonly limits: Limits;
  readonly warnings: readonly string[];
}

export function verifyResources<Limits extends Resources>(
  asked: Limits,
  host: Host,
  isUpdate = false,
): Judged<Limits> {
  verifyMemory(asked, isUpdate);
  verifyProcessors(asked, host);
  const { discarded, warnings } = discard(asked, host);
  const limits = { ...asked, ...discarded };
  verifyBlocks(limits);
  return { limits, warnings: [...sayOfOom(asked), ...warnings] };
}

const leastMemoryBytes = 6 * 1024 * 1024;

function verifyMemory(resources: Resources, isUpdate: boolean): void {
  const { Memory, MemorySwap, MemoryReservation, MemorySwappiness, KernelMemory = 0 } = resources;
  if (Memory !== 0 && Memory < leastMemoryBytes) {
    throw invalid('Minimum memory limit allowed is 6MB');
  }
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory) {
    throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage');
  }
  if (Memory === 0 && MemorySwap > 0 && !isUpdate) {
    throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage');
  }
  const swappiness = MemorySwappiness ?? -1;
  if (swappiness < -1 || swappiness > 100) {
    throw invalid(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
  }
  if (MemoryReservation > 0 && MemoryReservation < leastMemoryBytes) {
    throw invalid('Minimum memory reservation allowed is 6MB');
  }
  if (Memory > 0 && MemoryReservation > Memory) {
    const rule = 'can not be less than memory reservation limit, see usage';
    throw invalid(`Minimum memory limit ${rule}`);
  }
  if (KernelMemory > 0 && KernelMemory < leastMemoryBytes) {
    throw invalid('Minimum kernel memory limit allowed is 6MB');
  }
}

function sayOfOom({ OomKillDisable, Memory }: Resources): readonly string[] {
  if (OomKillDisable !== true || Memory !== 0) return [];
  return [
    'OOM killer is disabled for the container, but no memory limit is set, this can result in ' +
      'the system running out of resources.',
  ];
}

function verifyProcessors(resources: Resources, host: Host): void {
  const { NanoCpus, CpuPeriod, CpuQuota, CpusetCpus, CpusetMems } = resources;
  if (NanoCpus > 0 && CpuPeriod > 0) {
    throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set');
  }
  if (NanoCpus > 0 && CpuQuota > 0) {
    throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set');
  }
  const count = host.cpuCount;
  if (NanoCpus < 0 || NanoCpus > count * 1e9) {
    const range = `Range of CPUs is from 0.01 to ${count}.00`;
    throw invalid(`${range}, as there are only ${count} CPUs available`);
  }
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    const range = 'less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)';
    throw invalid(`CPU cfs period can not be ${range}`);
  }
  if (CpuQuota > 0 && CpuQuota < 1000) {
    throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)');
  }
  verifySet('CPUs', 'cpus', CpusetCpus, host.cpus);
  verifySet('memory nodes', 'mems', CpusetMems, host.memoryNodes);
}

function verifySet(what: string, file: string, asked: string, available: string): void {
  if (asked === '') return;
  const wanted = parseRanges(asked);
  if (wanted === undefined) {
    throw invalid(`Invalid value ${asked} for cpuset ${file}: invalid format: ${asked}`);
  }
  const there = parseRanges(available) ?? [];
  if (wanted.every(number => there.includes(number))) return;
  throw invalid(
    `Requested ${what} are not available - requested ${asked}, available: ${available}`,
  );
}

/** The files of version 1 that not every kernel has; a limit without one is no limit. */
const needed = {
  BlkioWeight: { file: 'blkio.weight', what: 'Block I/O weight', lost: 'Weight', none: 0 },
  BlkioWeightDevice: {
    ...{ file: 'blkio.weight_device', what: 'Block I/O weight_device' },
    ...{ lost: 'Weight-device', none: [] },
  },
} as const;

function discard(
  asked: Resources,
  host: Host,
): { readonly discarded: Partial<Resources>; readonly warnings: readonly string[] } {
  const discarded: Record<string, unknown> = {};
  const warnings: string[] = [];
  const or = 'or the cgroup is not mounted.';
  for (const [field, { file, what, lost, none }] of Object.entries(needed)) {
    const value = asked[field as keyof typeof needed];
    const isAsked = typeof value === 'number' ? value > 0 : (value?.length ?? 0) > 0;
    if (!isAsked || host.can('blkio', file)) continue;
    discarded[field] = none;
    warnings.push(`Your kernel does not support ${what} ${or} ${lost} discarded.`);
  }
  if ((asked.KernelMemory ?? 0) > 0) {
    discarded['KernelMemory'] = 0;
    warnings.push(
      `Your kernel does not support kernel memory limit capabilities ${or} Limitation discarded.`,
    );
  }
  if (asked.CpuPercent > 0) {
    discarded['CpuPercent'] = 0;
    warnings.push('linux does not support CPU percent. Percent discarded.');
  }
  return { discarded, warnings };
}

function verifyBlocks({ BlkioWeight, IOMaximumBandwidth, IOMaximumIOps }: Resources): void {
  if (BlkioWeight > 0 && (BlkioWeight < 10 || BlkioWeight > 1000)) {
    throw invalid('Range of blkio weight is from 10 to 1000');
  }
  if (IOMaximumBandwidth === 0 && IOMaximumIOps === 0) return;
  throw invalid(
    'Invalid QoS settings: linux does not support Maximum IO Bandwidth or Maximum IO IOps',
  );
}
