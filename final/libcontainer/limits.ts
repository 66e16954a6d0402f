// `linux.resources` as the limits of chapter 02.
//
// - `limitsOf(resources, countsSwap)`: only what is asked for; -1 is no limit
// - `groupPlace(spec, id)`: the group's name, and the groups above it
//
// Where a number can be 0 it means "not said", as runc reads it. Memory and swap together cannot be
// limited where the kernel counts no swap: then memory alone is.

import { invalid } from '../engine/refusal.ts';
import type { Limits } from './groups.ts';
import type { DeviceAccess, Resources } from './spec/resources.ts';
import type { RuntimeSpec } from './spec.ts';

export function limitsOf(resources: Resources, countsSwap: boolean): Limits {
  const { cpu = {}, memory = {}, pids, devices, hugepageLimits } = resources;
  return present({
    cpuQuotaUs: said(cpu.quota),
    cpuPeriodUs: said(cpu.period),
    cpuShares: said(cpu.shares),
    cpuRtRuntimeUs: said(cpu.realtimeRuntime),
    cpuRtPeriodUs: said(cpu.realtimePeriod),
    cpusetCpus: cpu.cpus || undefined,
    cpusetMems: cpu.mems || undefined,
    memoryBytes: said(memory.limit),
    memorySwapBytes: countsSwap ? said(memory.swap) : undefined,
    memoryReservationBytes: said(memory.reservation),
    memorySwappiness: memory.swappiness,
    oomKillDisable: memory.disableOOMKiller || undefined,
    pids: pids === undefined ? undefined : Math.max(pids.limit, 0) || -1,
    ...blockLimits(resources),
    devices: devices?.map(ruleOf),
    hugePages: hugepageLimits?.map(({ pageSize, limit }) => ({ size: pageSize, bytes: limit })),
  });
}

function blockLimits({ blockIO = {} }: Resources) {
  type Rates = typeof blockIO.throttleReadBpsDevice;
  const rates = (list: Rates) =>
    list?.length
      ? list.map(({ major, minor, rate }) => ({ device: { major, minor }, perSecond: rate }))
      : undefined;
  return {
    blkioWeight: said(blockIO.weight),
    readBytes: rates(blockIO.throttleReadBpsDevice),
    writeBytes: rates(blockIO.throttleWriteBpsDevice),
    readOperations: rates(blockIO.throttleReadIOPSDevice),
    writeOperations: rates(blockIO.throttleWriteIOPSDevice),
  };
}

function ruleOf({ allow, type = 'a', major, minor, access = 'rwm' }: DeviceAccess) {
  return { allow, type, major: number(major), minor: number(minor), access };
}

function number(value: number | undefined): number | undefined {
  return value === -1 ? undefined : value;
}

function said(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

function present(limits: { [Name in keyof Limits]: Limits[Name] | undefined }): Limits {
  const entries = Object.entries(limits).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Limits;
}

export interface GroupPlace {
  readonly name: string;
  readonly parent: string;
}

/** @throws Refusal INVALID */
export function groupPlace({ linux }: RuntimeSpec, id: string): GroupPlace {
  const path = linux?.cgroupsPath ?? `/slipway/${id}`;
  const names = path.split('/').filter(name => name !== '');
  const name = names.pop();
  if (name === undefined || names.includes('..') || names.length === 0) {
    throw invalid(`invalid cgroupsPath ${JSON.stringify(path)}: it is /PARENT/NAME`);
  }
  return { name, parent: names.join('/') };
}
