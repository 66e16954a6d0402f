// The user's words for limits: `--cpus 0.2 --memory 64m --cpuset-cpus 0-1,3`.
//
// - limitsFrom(flags, machine): the limits they ask for
// - LimitFlags: the flags as text, named as the command line has them
//
// The rules are those of docker run: without --memory-swap a container may swap as much
// as it has memory; 6 MiB is the least it can start in. What is wrong is refused here,
// with what is allowed, before anything is made: the kernel would say only EINVAL, or
// nothing.

import { formatCpuList, parseCpuList } from '../hierarchies/cpu-list.ts';
import { parseDevice, parseDeviceRule, parseRate } from './device-options.ts';
import type { DeviceMapping } from './device-options.ts';
import { ControlGroupError } from '../group/errors.ts';
import type { DeviceRule, Limits } from '../limits/limits.ts';
import type { Machine } from './machine.ts';
import { parseSize } from './size.ts';

export interface LimitFlags {
  readonly cpus?: string;
  readonly cpuQuota?: string;
  readonly cpuPeriod?: string;
  readonly cpuShares?: string;
  readonly cpuRtRuntime?: string;
  readonly cpuRtPeriod?: string;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly memory?: string;
  readonly memorySwap?: string;
  readonly memoryReservation?: string;
  readonly memorySwappiness?: string;
  readonly oomKillDisable?: boolean;
  readonly pids?: string;
  readonly blkioWeight?: string;
  readonly deviceReadBps?: readonly string[];
  readonly deviceWriteBps?: readonly string[];
  readonly deviceReadIops?: readonly string[];
  readonly deviceWriteIops?: readonly string[];
  readonly device?: readonly string[];
  readonly deviceCgroupRule?: readonly string[];
  readonly netClassid?: string;
}

/** @throws OPTION naming the flag, the value, and what is allowed */
export function limitsFrom(flags: LimitFlags, machine: Machine): Limits {
  return withoutUndefined({
    ...cpuTime(flags, machine),
    cpusetCpus: listed('--cpuset-cpus', flags.cpusetCpus, machine.cpus, 'processor'),
    cpusetMems: listed('--cpuset-mems', flags.cpusetMems, machine.memoryNodes, 'node'),
    ...memory(flags, machine),
    pids: count(flags.pids),
    blkioWeight: whole('--blkio-weight', flags.blkioWeight, 10, 1000),
    readBytes: rates('--device-read-bps', flags.deviceReadBps, machine, parseSize),
    writeBytes: rates('--device-write-bps', flags.deviceWriteBps, machine, parseSize),
    readOperations: rates('--device-read-iops', flags.deviceReadIops, machine, Number),
    writeOperations: rates(
      '--device-write-iops',
      flags.deviceWriteIops,
      machine,
      Number,
    ),
    devices: deviceRules(flags, machine),
    netClassId: whole('--net-classid', flags.netClassid, 0, 0xffff_ffff),
  });
}

/**
 * The device files that `--device` puts into the container, each with its host's path.
 */
export function deviceMappings(flags: LimitFlags, machine: Machine): DeviceMapping[] {
  return (flags.device ?? []).map(text => parseDevice('--device', text, machine));
}

function cpuTime(flags: LimitFlags, machine: Machine): Partial<Wanted> {
  const shared = {
    cpuShares: zeroIsUnset(whole('--cpu-shares', flags.cpuShares, 2, 262_144, 0)),
    cpuRtRuntimeUs: whole('--cpu-rt-runtime', flags.cpuRtRuntime, -1, 1_000_000),
    cpuRtPeriodUs: whole('--cpu-rt-period', flags.cpuRtPeriod, 1, 1_000_000),
  };
  const cpuPeriodUs = whole('--cpu-period', flags.cpuPeriod, 1000, 1_000_000);
  const cpuQuotaUs = whole('--cpu-quota', flags.cpuQuota, 1000, 2 ** 40, -1);
  if (flags.cpus === undefined) return { ...shared, cpuPeriodUs, cpuQuotaUs };
  if (cpuPeriodUs !== undefined || cpuQuotaUs !== undefined) {
    wrong('--cpus', flags.cpus, 'it stands for --cpu-quota and --cpu-period: give one');
  }
  return { ...shared, ...cpusAsQuota(flags.cpus, machine.cpus.length) };
}

/**
 * 0.2 CPUs are 20000 of every 100000 microseconds. The kernel's least quota is 1000.
 */
function cpusAsQuota(text: string, most: number): Partial<Wanted> {
  const cpus = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(cpus >= 0.01 && cpus <= most)) {
    wrong(
      '--cpus',
      text,
      `write a number from 0.01 to ${most} (this machine has ${most})`,
    );
  }
  // #hole quota: The kernel counts no processors: it gives a group so many microseconds
  // in each period of so many. Which two numbers stand for `cpus`?
  return { cpuPeriodUs: 100_000, cpuQuotaUs: Math.round(cpus * 100_000) };
  // #instead
  // return {};
  // #endhole
}

const leastMemory = 6 * 1024 * 1024;

function memory(flags: LimitFlags, machine: Machine): Partial<Wanted> {
  const memoryBytes = bytes('--memory', flags.memory, leastMemory);
  const swapGiven = bytes('--memory-swap', flags.memorySwap, 0);
  const memoryReservationBytes = bytes(
    '--memory-reservation',
    flags.memoryReservation,
    0,
  );
  const { memorySwap = '', memoryReservation = '' } = flags;
  if (swapGiven !== undefined) {
    if (memoryBytes === undefined)
      wrong('--memory-swap', memorySwap, 'give --memory too');
    if (less(swapGiven, memoryBytes)) {
      wrong('--memory-swap', memorySwap, 'it counts memory too: at least --memory');
    }
  }
  if (memoryBytes !== undefined && less(memoryBytes, memoryReservationBytes ?? 0)) {
    wrong('--memory-reservation', memoryReservation, 'at most what --memory says');
  }
  return {
    memoryBytes,
    memorySwapBytes: swapGiven ?? defaultSwap(memoryBytes, machine),
    memoryReservationBytes,
    memorySwappiness: whole('--memory-swappiness', flags.memorySwappiness, 0, 100),
    oomKillDisable: flags.oomKillDisable,
  };
}

/**
 * Without a word on swap a container may swap as much as it has memory, as in Docker.
 */
function defaultSwap(
  memoryBytes: number | undefined,
  machine: Machine,
): number | undefined {
  if (memoryBytes === undefined || !machine.countsSwap) return undefined;
  // #hole default-swap: Memory that has gone to swap is no longer memory. A group whose
  // memory alone is limited can fill the swap of the whole machine. How much of the two
  // together is a good default?
  return memoryBytes === -1 ? -1 : memoryBytes * 2;
  // #instead
  // return undefined;
  // #endhole
}

function less(a: number, b: number): boolean {
  return a !== -1 && (b === -1 || a < b);
}

function bytes(
  flag: string,
  text: string | undefined,
  least: number,
): number | undefined {
  if (text === undefined) return undefined;
  if (text.trim() === '-1') return -1;
  const size = told(flag, text, () => parseSize(text), 'or -1 for no limit');
  if (size < least) wrong(flag, text, `write at least ${least / 2 ** 20}m`);
  return size;
}

function count(text: string | undefined): number | undefined {
  const pids = whole('--pids', text, 1, 4_194_304, -1, 0);
  return pids === 0 ? -1 : pids;
}

function zeroIsUnset(number: number | undefined): number | undefined {
  return number === 0 ? undefined : number;
}

/** A whole number from `least` to `most`, or one of `others`. */
function whole(
  flag: string,
  text: string | undefined,
  least: number,
  most: number,
  ...others: number[]
): number | undefined {
  if (text === undefined) return undefined;
  const number = /^(-?\d+|0x[\da-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  if ((number >= least && number <= most) || others.includes(number)) return number;
  const also = others.length === 0 ? '' : `, or ${others.join(' or ')}`;
  return wrong(flag, text, `write a whole number from ${least} to ${most}${also}`);
}

function listed(
  flag: string,
  text: string | undefined,
  there: readonly number[],
  what: string,
): string | undefined {
  if (text === undefined || text === '') return undefined;
  const wanted = told(flag, text, () => parseCpuList(text));
  const missing = wanted.filter(number => !there.includes(number));
  if (missing.length === 0 && wanted.length > 0) return text;
  return wrong(
    flag,
    text,
    `there is no ${what} ${missing[0]}, only ${formatCpuList(there)}`,
  );
}

function rates(
  flag: string,
  texts: readonly string[] | undefined,
  machine: Machine,
  parse: (text: string) => number,
): Limits['readBytes'] | undefined {
  return texts?.map(text => parseRate(flag, text, machine, parse));
}

/** What `--device` names may be opened, and what `--device-cgroup-rule` says on top. */
function deviceRules(flags: LimitFlags, machine: Machine): DeviceRule[] | undefined {
  if (flags.device === undefined && flags.deviceCgroupRule === undefined)
    return undefined;
  const named = deviceMappings(flags, machine).map(({ rule }) => rule);
  const flag = '--device-cgroup-rule';
  return [
    ...named,
    ...(flags.deviceCgroupRule ?? []).map(one => parseDeviceRule(flag, one)),
  ];
}

/** Runs a parser and puts the flag before what it complains about. */
function told<T>(flag: string, text: string, parse: () => T, also = ''): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ControlGroupError)) throw error;
    const rest = also === '' ? '' : `, ${also}`;
    throw new ControlGroupError('OPTION', `${flag} ${text}: ${error.message}${rest}`, {
      cause: error,
    });
  }
}

function wrong(flag: string, text: string, allowed: string): never {
  throw new ControlGroupError('OPTION', `${flag} ${text} is refused: ${allowed}`);
}

type Wanted = { [Name in keyof Limits]: Limits[Name] | undefined };

function withoutUndefined(wanted: Wanted): Limits {
  const present = Object.entries(wanted).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as Limits;
}
