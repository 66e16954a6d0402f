// Limits as the files of version 1.
//
// - settingsV1(limits, folder): what to write into one group's directory, in order
//
//   cpu      cpu.cfs_period_us cpu.cfs_quota_us cpu.shares cpu.rt_runtime_us
//   cpuset   cpuset.cpus cpuset.mems
//   memory   memory.limit_in_bytes memory.memsw.limit_in_bytes …   pids  pids.max
//   blkio    blkio.throttle.*_device blkio.bfq.weight
//   devices  devices.deny devices.allow
//   hugetlb  hugetlb.2MB.limit_in_bytes
//   net_cls  net_cls.classid                         net_prio  net_prio.ifpriomap
//
// The order matters where two files bound each other: between the two writes the pair
// must be legal too. Source: Documentation/admin-guide/cgroup-v1/.

import { refuseUnkept } from './device-exceptions.ts';
import { asksOf, formatDevice } from '../limits/limits.ts';
import type { DeviceRate, DeviceRule, LimitName, Limits } from '../limits/limits.ts';
import type { Check, Setting } from '../limits/setting.ts';
import { parseSize } from '../options/size.ts';
import { largestPage, same, wish, type Folder, type Wish } from '../limits/wish.ts';

export function settingsV1(limits: Limits, folder: Folder): Setting[] {
  const wishes = [
    ...(asksOf('cpu', limits) ? cpu(limits, folder) : []),
    ...cpuset(limits),
    ...(asksOf('memory', limits) ? memory(limits, folder) : []),
    ...(asksOf('blkio', limits) ? blkio(limits, folder) : []),
    ...others(limits),
    ...devices(limits),
  ];
  return wishes.map(one => ({ ...one, directory: folder.directory }));
}

function cpu(limits: Limits, folder: Folder): Wish[] {
  const period = wish(
    'cpu',
    'cpuPeriodUs',
    'cpu.cfs_period_us',
    limits.cpuPeriodUs,
    same,
    {
      EINVAL: 'a period is 1000 to 1000000 microseconds',
    },
  );
  const quota = wish('cpu', 'cpuQuotaUs', 'cpu.cfs_quota_us', limits.cpuQuotaUs, same, {
    EINVAL:
      'a quota is at least 1000 microseconds and no more than the group above has',
  });
  // The group above bounds quota/period. A longer period goes first, a shorter one
  // last: so the fraction in between is never above both the old and the new one.
  const longer = (limits.cpuPeriodUs ?? 0) >= Number(folder.look('cpu.cfs_period_us'));
  return [
    ...(longer ? [...period, ...quota] : [...quota, ...period]),
    ...wish('cpu', 'cpuShares', 'cpu.shares', limits.cpuShares, same),
    ...wish('cpu', 'cpuRtPeriodUs', 'cpu.rt_period_us', limits.cpuRtPeriodUs, same),
    ...wish('cpu', 'cpuRtRuntimeUs', 'cpu.rt_runtime_us', limits.cpuRtRuntimeUs, same, {
      EINVAL: 'the group above has no real-time runtime to give (cpu.rt_runtime_us)',
    }),
  ];
}

function cpuset(limits: Limits): Wish[] {
  const hints = {
    EACCES: 'the group above does not have them',
    EINVAL: 'they are not there, or the group above does not have them',
    ERANGE: 'this machine does not have them',
    ENOSPC: 'a group with processes in it cannot have an empty set',
  };
  const set: Check = { how: 'set' };
  return [
    ...wish('cpuset', 'cpusetCpus', 'cpuset.cpus', limits.cpusetCpus, set, hints),
    ...wish('cpuset', 'cpusetMems', 'cpuset.mems', limits.cpusetMems, set, hints),
  ];
}

function memory(limits: Limits, folder: Folder): Wish[] {
  const bytes: Check = { how: 'rounded', unit: largestPage };
  const { memoryBytes, memorySwapBytes, memoryReservationBytes } = limits;
  const alone = wish(
    'memory',
    'memoryBytes',
    'memory.limit_in_bytes',
    memoryBytes,
    bytes,
    {
      get EBUSY() {
        const inUse = folder.look('memory.usage_in_bytes');
        return `${inUse} bytes are in use and cannot be freed: choose more`;
      },
      EINVAL: 'it is above the limit of memory and swap together: raise that too',
    },
  );
  const withSwap = wish(
    'memory',
    'memorySwapBytes',
    'memory.memsw.limit_in_bytes',
    memorySwapBytes,
    bytes,
    {
      EBUSY:
        'more memory and swap than that is in use and cannot be freed: choose more',
      EINVAL: 'memory and swap together cannot be less than memory alone',
      ENOENT: 'this kernel does not count swap: boot it with swapaccount=1',
    },
  );
  // limit <= memsw must hold at every moment, so which goes first depends on where the
  // new limit lies: above today's memsw, memsw has to make room for it first.
  const today = amount(Number(folder.look('memory.memsw.limit_in_bytes') ?? -1));
  const raising = amount(memoryBytes ?? 0) > today;
  return [
    ...(raising ? [...withSwap, ...alone] : [...alone, ...withSwap]),
    ...wish(
      'memory',
      'memoryReservationBytes',
      'memory.soft_limit_in_bytes',
      memoryReservationBytes,
      bytes,
    ),
    ...wish(
      'memory',
      'memorySwappiness',
      'memory.swappiness',
      limits.memorySwappiness,
      same,
    ),
    ...oomKill(limits.oomKillDisable),
  ];
}

const amount = (bytes: number): number => (bytes === -1 ? Infinity : bytes);

function oomKill(disable: boolean | undefined): Wish[] {
  if (disable === undefined) return [];
  const value = disable ? '1' : '0';
  const check: Check = { how: 'flag', key: 'oom_kill_disable' };
  return wish('memory', 'oomKillDisable', 'memory.oom_control', value, check);
}

function blkio(limits: Limits, folder: Folder): Wish[] {
  const rates = (
    limit: LimitName,
    file: string,
    list: readonly DeviceRate[] = [],
  ): Wish[] =>
    list.flatMap(({ device, perSecond }) => {
      const key = formatDevice(device);
      const value = `${key} ${perSecond === -1 ? 0 : perSecond}`;
      const check: Check = { how: 'line', key, none: `${key} 0` };
      return wish('blkio', limit, file, value, check, {
        ENODEV: `there is no whole disk ${key}: a partition has the limits of its disk`,
      });
    });
  const throttle = 'blkio.throttle';
  const weight = ['blkio.bfq.weight', 'blkio.weight'].find(
    file => folder.look(file) !== undefined,
  );
  return [
    ...wish(
      'blkio',
      'blkioWeight',
      weight ?? 'blkio.bfq.weight',
      limits.blkioWeight,
      same,
      {
        ENOENT: 'no I/O scheduler that knows weights is in use (bfq)',
        ERANGE: 'a weight is 10 to 1000',
      },
    ),
    ...rates('readBytes', `${throttle}.read_bps_device`, limits.readBytes),
    ...rates('writeBytes', `${throttle}.write_bps_device`, limits.writeBytes),
    ...rates('readOperations', `${throttle}.read_iops_device`, limits.readOperations),
    ...rates(
      'writeOperations',
      `${throttle}.write_iops_device`,
      limits.writeOperations,
    ),
  ];
}

function others(limits: Limits): Wish[] {
  const pids = limits.pids === -1 ? 'max' : limits.pids;
  const hugePages = (limits.hugePages ?? []).flatMap(({ size, bytes }) =>
    wish('hugetlb', 'hugePages', `hugetlb.${size}.limit_in_bytes`, bytes, {
      how: 'rounded',
      unit: parseSize(size),
    }),
  );
  const priorities = (limits.netPriorities ?? []).flatMap(one => {
    const value = `${one.interface} ${one.priority}`;
    const check: Check = { how: 'line', key: one.interface, none: '' };
    return wish('net_prio', 'netPriorities', 'net_prio.ifpriomap', value, check);
  });
  return [
    ...wish('pids', 'pids', 'pids.max', pids, same, {
      EINVAL: 'it is 0 to 4194304, or -1 for no limit',
    }),
    ...hugePages,
    ...wish('net_cls', 'netClassId', 'net_cls.classid', limits.netClassId, same),
    ...priorities,
  ];
}

/** devices.list is not checked: it shows `a *:* rwm` after single denials as before. */
function devices(limits: Limits): Wish[] {
  refuseUnkept(limits.devices ?? []);
  return (limits.devices ?? []).flatMap(rule =>
    wish(
      'devices',
      'devices',
      rule.allow ? 'devices.allow' : 'devices.deny',
      line(rule),
      {
        how: 'unreadable',
      },
    ),
  );
}

function line({ type, major, minor, access }: DeviceRule): string {
  return `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`;
}
