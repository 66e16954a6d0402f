// Docker's limits as a runtime configuration has them.
//
// - `specResources(resources, devices)`
//
// A limit of 0 is none. Devices are those that every container may use, and what was asked for.

import { statSync } from 'node:fs';
import type { Resources as SpecResources } from '../../../libcontainer/spec/resources.ts';
import { invalid } from '../../../engine/refusal.ts';
import type { Resources } from '../record/host-config.ts';
import { majorOf, minorOf } from './devices.ts';

/** What the kernel takes. */
const [leastShares, mostShares] = [2, 262_144];

/** A processor's period, in microseconds. */
const periodUs = 100_000;

export function specResources(asked: Resources, devices: SpecResources['devices']): SpecResources {
  return {
    ...(devices !== undefined && { devices }),
    memory: memory(asked),
    cpu: cpu(asked),
    ...(asked.PidsLimit !== null && {
      pids: { limit: asked.PidsLimit > 0 ? asked.PidsLimit : -1 },
    }),
    blockIO: blockIO(asked),
  };
}

function memory(asked: Resources): NonNullable<SpecResources['memory']> {
  const { Memory, MemoryReservation, MemorySwap, MemorySwappiness, OomKillDisable } = asked;
  return {
    ...(Memory > 0 && { limit: Memory }),
    ...(MemoryReservation > 0 && { reservation: MemoryReservation }),
    ...(MemorySwap !== 0 && { swap: MemorySwap }),
    ...(MemorySwappiness !== null && { swappiness: MemorySwappiness }),
    ...(OomKillDisable === true && { disableOOMKiller: true }),
  };
}

function cpu(asked: Resources): NonNullable<SpecResources['cpu']> {
  const { CpuShares, CpuQuota, CpuPeriod, NanoCpus, CpusetCpus, CpusetMems } = asked;
  const { CpuRealtimePeriod, CpuRealtimeRuntime } = asked;
  if (CpuShares < 0) throw invalid('shares: invalid argument');
  if (CpuShares === 1) throw invalid(`the minimum allowed cpu-shares is ${leastShares}`);
  if (CpuShares > mostShares) throw invalid(`the maximum allowed cpu-shares is ${mostShares}`);
  const fraction = { period: periodUs, quota: Math.round((NanoCpus * periodUs) / 1e9) };
  return {
    ...(CpuShares > 0 && { shares: CpuShares }),
    ...(NanoCpus > 0 && fraction),
    ...(CpuPeriod > 0 && { period: CpuPeriod }),
    ...(CpuQuota !== 0 && { quota: CpuQuota }),
    ...(CpuRealtimePeriod > 0 && { realtimePeriod: CpuRealtimePeriod }),
    ...(CpuRealtimeRuntime > 0 && { realtimeRuntime: CpuRealtimeRuntime }),
    ...(CpusetCpus !== '' && { cpus: CpusetCpus }),
    ...(CpusetMems !== '' && { mems: CpusetMems }),
  };
}

function blockIO(asked: Resources): NonNullable<SpecResources['blockIO']> {
  return {
    ...(asked.BlkioWeight > 0 && { weight: asked.BlkioWeight }),
    throttleReadBpsDevice: rates(asked.BlkioDeviceReadBps),
    throttleWriteBpsDevice: rates(asked.BlkioDeviceWriteBps),
    throttleReadIOPSDevice: rates(asked.BlkioDeviceReadIOps),
    throttleWriteIOPSDevice: rates(asked.BlkioDeviceWriteIOps),
  };
}

function rates(asked: Resources['BlkioDeviceReadBps']) {
  return (asked ?? []).map(({ Path, Rate }) => {
    const status = statSync(Path, { throwIfNoEntry: false });
    if (status === undefined) throw invalid(`stat ${Path}: no such file or directory`);
    return { major: majorOf(status.rdev), minor: minorOf(status.rdev), rate: Rate };
  });
}
