// What a group may be limited to: every limit that Slipway knows, with its unit.
//
// - Limits: only what is present is set; -1 is "no limit" wherever a number can be one
// - controllerOf: which controller puts a limit in force
// - DeviceNumber, DeviceRate, DeviceRule: what the device limits are made of
//
// The words are those of version 1 and of Docker (shares, memory + swap together); a
// driver turns them into the files of its world.

import type { Controller } from '../hierarchies/controllers.ts';

export const unlimited = -1;

export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** Bytes or operations a second on one whole disk. */
export interface DeviceRate {
  readonly device: DeviceNumber;
  readonly perSecond: number;
}

/** One line for devices.allow or devices.deny; later rules win over earlier ones. */
export interface DeviceRule {
  readonly allow: boolean;
  readonly type: 'a' | 'b' | 'c';
  /** undefined: every number */
  readonly major?: number | undefined;
  readonly minor?: number | undefined;
  /** of r (read), w (write), m (mknod) */
  readonly access: string;
}

export interface Limits {
  /** processor time in each period; with period 100000, 20000 is a fifth of one CPU */
  readonly cpuQuotaUs?: number;
  readonly cpuPeriodUs?: number;
  /** 2…262144; the default is 1024 */
  readonly cpuShares?: number;
  readonly cpuRtRuntimeUs?: number;
  readonly cpuRtPeriodUs?: number;
  /** the kernel's list format, "0-1,3" */
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly memoryBytes?: number;
  /** memory and swap together */
  readonly memorySwapBytes?: number;
  readonly memoryReservationBytes?: number;
  /** 0…100: how gladly the kernel swaps */
  readonly memorySwappiness?: number;
  /** true: a process that wants more than the limit waits instead of being killed */
  readonly oomKillDisable?: boolean;
  readonly pids?: number;
  /** 10…1000 */
  readonly blkioWeight?: number;
  readonly readBytes?: readonly DeviceRate[];
  readonly writeBytes?: readonly DeviceRate[];
  readonly readOperations?: readonly DeviceRate[];
  readonly writeOperations?: readonly DeviceRate[];
  readonly devices?: readonly DeviceRule[];
  readonly hugePages?: readonly { readonly size: string; readonly bytes: number }[];
  /** 0xAAAABBBB for the class AAAA:BBBB of tc */
  readonly netClassId?: number;
  readonly netPriorities?: readonly {
    readonly interface: string;
    readonly priority: number;
  }[];
}

export type LimitName = keyof Limits;

export const controllerOf: Readonly<Record<LimitName, Controller>> = {
  cpuQuotaUs: 'cpu',
  cpuPeriodUs: 'cpu',
  cpuShares: 'cpu',
  cpuRtRuntimeUs: 'cpu',
  cpuRtPeriodUs: 'cpu',
  cpusetCpus: 'cpuset',
  cpusetMems: 'cpuset',
  memoryBytes: 'memory',
  memorySwapBytes: 'memory',
  memoryReservationBytes: 'memory',
  memorySwappiness: 'memory',
  oomKillDisable: 'memory',
  pids: 'pids',
  blkioWeight: 'blkio',
  readBytes: 'blkio',
  writeBytes: 'blkio',
  readOperations: 'blkio',
  writeOperations: 'blkio',
  devices: 'devices',
  hugePages: 'hugetlb',
  netClassId: 'net_cls',
  netPriorities: 'net_prio',
};

/** The names of the limits that are present, in the order of the table above. */
export function namesOf(limits: Limits): LimitName[] {
  return limitNames.filter(name => limits[name] !== undefined);
}

/** Whether one of them is for this controller: else its files need no look. */
export function asksOf(controller: Controller, limits: Limits): boolean {
  return namesOf(limits).some(name => controllerOf[name] === controller);
}

// Object.keys loses the type of the keys; the record above has each of them.
const limitNames = Object.keys(controllerOf) as LimitName[];

export function formatDevice({ major, minor }: DeviceNumber): string {
  return `${major}:${minor}`;
}
