// Limits as the files of version 2.
//
// - settingsV2(limits, folder): what to write into one group's directory, in order
//
//   cpu     cpu.max ("QUOTA PERIOD") cpu.weight        cpuset  cpuset.cpus cpuset.mems
//   memory  memory.max memory.swap.max memory.low      pids    pids.max
//   devices no file: a program on the group (device-program.ts)
//   io      io.max ("8:0 wbps=…") io.weight            hugetlb hugetlb.2MB.max
//
// What version 1 has and version 2 has not (real-time runtime, swappiness, an OOM
// killer that can be switched off, net_cls, net_prio) is refused, with what to use
// instead.
// Source: Documentation/admin-guide/cgroup-v2.rst; the numbers: conversions.ts.

import {
  ioWeightOfBlkioWeight,
  swapOfMemorySwap,
  weightOfShares,
} from './conversions.ts';
import { deviceProgram, explainDeviceProgram } from './device-program.ts';
import { ControlGroupError } from '../group/errors.ts';
import { asksOf, formatDevice, namesOf } from '../limits/limits.ts';
import type { DeviceRate, LimitName, Limits } from '../limits/limits.ts';
import type { Check, Setting } from '../limits/setting.ts';
import { parseSize } from '../options/size.ts';
import { largestPage, same, wish, type Folder, type Wish } from '../limits/wish.ts';

/** @throws UNSUPPORTED when version 2 has no such limit */
export function settingsV2(limits: Limits, folder: Folder): Setting[] {
  refuseWhatIsGone(limits);
  const wishes = [
    ...(asksOf('cpu', limits) ? cpu(limits, folder) : []),
    ...cpuset(limits),
    ...(asksOf('memory', limits) ? memory(limits, folder) : []),
    ...(asksOf('blkio', limits) ? io(limits, folder) : []),
    ...counted(limits),
  ];
  const { directory } = folder;
  return [...wishes.map(one => ({ ...one, directory })), ...devices(limits, directory)];
}

function devices({ devices: rules }: Limits, directory: string): Setting[] {
  if (rules === undefined) return [];
  const told = explainDeviceProgram(rules);
  return [{ limit: 'devices', directory, program: deviceProgram(rules), told }];
}

const gone: Partial<Record<LimitName, string>> = {
  cpuRtRuntimeUs: 'version 2 has no real-time runtime: use cpuQuotaUs',
  cpuRtPeriodUs: 'version 2 has no real-time period: use cpuPeriodUs',
  memorySwappiness: 'version 2 has one swappiness for the machine: use memorySwapBytes',
  oomKillDisable: 'version 2 always kills at the limit: use memoryReservationBytes',
};

function refuseWhatIsGone(limits: Limits): void {
  for (const name of namesOf(limits)) {
    const why = gone[name];
    // "Do not switch it off" is what version 2 does anyway.
    if (why === undefined || limits[name] === false) continue;
    throw new ControlGroupError('UNSUPPORTED', `${name}: ${why}`);
  }
}

function cpu(limits: Limits, folder: Folder): Wish[] {
  const [quotaNow = 'max', periodNow = '100000'] =
    folder.look('cpu.max')?.split(' ') ?? [];
  const { cpuQuotaUs, cpuPeriodUs, cpuShares } = limits;
  const quota = cpuQuotaUs === -1 ? 'max' : (cpuQuotaUs ?? quotaNow);
  const asked = cpuQuotaUs !== undefined || cpuPeriodUs !== undefined;
  // One file for both: there is no moment at which only one of them is in force.
  const max = asked ? `${quota} ${cpuPeriodUs ?? periodNow}` : undefined;
  const limit = cpuQuotaUs === undefined ? 'cpuPeriodUs' : 'cpuQuotaUs';
  const weight = cpuShares === undefined ? undefined : weightOfShares(cpuShares);
  return [
    ...wish('cpu', limit, 'cpu.max', max, same, {
      EINVAL: 'a quota is at least 1000 microseconds, a period 1000 to 1000000',
    }),
    ...wish('cpu', 'cpuShares', 'cpu.weight', weight, same),
  ];
}

function cpuset(limits: Limits): Wish[] {
  const hints = {
    ERANGE: 'there is no such processor',
    EINVAL: 'there is no such node',
  };
  // The file keeps what was asked for; only *.effective tells what the group really
  // has.
  const set = (name: string): Check => ({
    how: 'set',
    file: `cpuset.${name}.effective`,
  });
  const { cpusetCpus, cpusetMems } = limits;
  return [
    ...wish('cpuset', 'cpusetCpus', 'cpuset.cpus', cpusetCpus, set('cpus'), hints),
    ...wish('cpuset', 'cpusetMems', 'cpuset.mems', cpusetMems, set('mems'), hints),
  ];
}

function memory(limits: Limits, folder: Folder): Wish[] {
  const bytes: Check = { how: 'rounded', unit: largestPage };
  const { memoryBytes, memorySwapBytes, memoryReservationBytes } = limits;
  const inForce = memoryBytes ?? numberOf(folder.look('memory.max') ?? 'max');
  const swap =
    memorySwapBytes === undefined
      ? undefined
      : swapOfMemorySwap(memorySwapBytes, inForce);
  const low = memoryReservationBytes === -1 ? 0 : memoryReservationBytes;
  return [
    ...wish('memory', 'memoryBytes', 'memory.max', orMax(memoryBytes), bytes),
    ...wish('memory', 'memorySwapBytes', 'memory.swap.max', orMax(swap), bytes, {
      ENOENT: 'this kernel does not count swap: boot it with swapaccount=1',
      EINVAL: 'memory and swap together cannot be less than memory alone',
    }),
    ...wish('memory', 'memoryReservationBytes', 'memory.low', low, bytes),
  ];
}

function numberOf(text: string): number {
  return text === 'max' ? -1 : Number(text);
}

function orMax(number: number | undefined): string | number | undefined {
  return number === -1 ? 'max' : number;
}

function io(limits: Limits, folder: Folder): Wish[] {
  const rates = (
    limit: LimitName,
    word: string,
    list: readonly DeviceRate[] = [],
  ): Wish[] =>
    list.flatMap(({ device, perSecond }) => {
      const key = formatDevice(device);
      const value = `${key} ${word}=${orMax(perSecond)}`;
      const check: Check = { how: 'line', key, none: `${key} ${word}=max` };
      return wish('blkio', limit, 'io.max', value, check, {
        ENODEV: `there is no whole disk ${key}: a partition has the limits of its disk`,
      });
    });
  return [
    ...ioWeight(limits.blkioWeight, folder),
    ...rates('readBytes', 'rbps', limits.readBytes),
    ...rates('writeBytes', 'wbps', limits.writeBytes),
    ...rates('readOperations', 'riops', limits.readOperations),
    ...rates('writeOperations', 'wiops', limits.writeOperations),
  ];
}

/** bfq has a file of its own with version 1's range; iocost has io.weight. */
function ioWeight(weight: number | undefined, folder: Folder): Wish[] {
  if (weight === undefined) return [];
  const bfq = folder.look('io.bfq.weight') !== undefined;
  const file = bfq ? 'io.bfq.weight' : 'io.weight';
  const value = bfq ? weight : ioWeightOfBlkioWeight(weight);
  return wish('blkio', 'blkioWeight', file, value, { how: 'flag', key: 'default' });
}

function counted(limits: Limits): Wish[] {
  const hugePages = (limits.hugePages ?? []).flatMap(({ size, bytes }) =>
    wish('hugetlb', 'hugePages', `hugetlb.${size}.max`, orMax(bytes), {
      how: 'rounded',
      unit: parseSize(size),
    }),
  );
  return [
    ...wish('pids', 'pids', 'pids.max', orMax(limits.pids), same, {
      EINVAL: 'it is 0 to 4194304, or -1 for no limit',
    }),
    ...hugePages,
  ];
}
