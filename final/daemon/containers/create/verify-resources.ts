// Limits that the kernel, or good sense, does not accept.
//
// - `verifyResources(resources, host, isUpdate)`: throws INVALID with Docker's words → warnings
// - `Host`: the machine's processors
//
// Source: the limits that `docker run` documents, and cpuset(7) for lists of processors.

import { invalid } from '../../../engine/refusal.ts';
import type { HostConfig, Resources } from '../record/host-config.ts';
import { parseRanges } from './ranges.ts';

export interface Host {
  /** Numbers of the processors that are online. */
  readonly cpus: readonly number[];
  readonly memoryNodes: readonly number[];
}

type Limits = Resources & Partial<Pick<HostConfig, 'OomScoreAdj' | 'ShmSize'>>;

export function verifyResources(
  resources: Limits,
  host: Host,
  isUpdate = false,
): readonly string[] {
  verifyMemory(resources, isUpdate);
  verifyProcessors(resources, host);
  verifyBlocks(resources);
  for (const { Name, Soft, Hard } of resources.Ulimits ?? []) {
    if (Hard !== -1 && Soft > Hard) {
      const rule = 'ulimit soft limit must be less than or equal to hard limit';
      throw invalid(`${rule}: ${Soft} > ${Hard}`);
    }
    if (Name === '') throw invalid('invalid ulimit: it has no name');
  }
  const { OomScoreAdj = 0, ShmSize = 0 } = resources;
  if (OomScoreAdj < -1000 || OomScoreAdj > 1000) {
    throw invalid(`Invalid value ${OomScoreAdj}, range for oom score adj is [-1000, 1000]`);
  }
  if (ShmSize < 0) throw invalid('SHM size can not be less than 0');
  return [];
}

const leastMemoryBytes = 6 * 1024 * 1024;

function verifyMemory(resources: Limits, isUpdate: boolean): void {
  const { Memory, MemorySwap, MemoryReservation, MemorySwappiness } = resources;
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
}

function verifyProcessors(resources: Limits, { cpus, memoryNodes }: Host): void {
  const { NanoCpus, CpuPeriod, CpuQuota, CpuShares, CpusetCpus, CpusetMems } = resources;
  if (NanoCpus > 0 && CpuPeriod > 0) {
    throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set');
  }
  if (NanoCpus > 0 && CpuQuota > 0) {
    throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set');
  }
  const count = cpus.length;
  if (NanoCpus < 0 || NanoCpus > count * 1e9) {
    const range = `Range of CPUs is from 0.01 to ${count}.00`;
    throw invalid(`${range}, as there are only ${count} CPUs available`);
  }
  if (CpuShares < 0) throw invalid('shares: invalid argument');
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    const range = 'less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)';
    throw invalid(`CPU cfs period can not be ${range}`);
  }
  if (CpuQuota > 0 && CpuQuota < 1000) {
    throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)');
  }
  verifySet('CPUs', 'cpus', CpusetCpus, cpus);
  verifySet('memory nodes', 'mems', CpusetMems, memoryNodes);
}

function verifySet(what: string, file: string, asked: string, there: readonly number[]): void {
  if (asked === '') return;
  const wanted = parseRanges(asked);
  if (wanted === undefined) throw invalid(`Invalid value ${asked} for cpuset ${file}`);
  if (wanted.every(number => there.includes(number))) return;
  const available = there.join(',');
  throw invalid(
    `Requested ${what} are not available - requested ${asked}, available: ${available}`,
  );
}

function verifyBlocks(resources: Limits): void {
  const outside = (weight: number): boolean => weight !== 0 && (weight < 10 || weight > 1000);
  if (outside(resources.BlkioWeight)) {
    throw invalid('Range of blkio weight is from 10 to 1000');
  }
  for (const { Path, Weight } of resources.BlkioWeightDevice ?? []) {
    if (outside(Weight)) throw invalid(`Range of blkio weight of ${Path} is from 10 to 1000`);
  }
  const { IOMaximumBandwidth, IOMaximumIOps, CpuCount, CpuPercent } = resources;
  if (IOMaximumBandwidth !== 0) throw invalid('option IOMaximumBandwidth is for Windows only');
  if (IOMaximumIOps !== 0) throw invalid('option IOMaximumIOps is for Windows only');
  if (CpuCount !== 0 || CpuPercent !== 0) {
    throw invalid('options CpuCount and CpuPercent are for Windows only');
  }
}
