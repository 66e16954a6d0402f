// What Docker fills in where a caller says nothing about the host.
//
// - `withDefaults(hostConfig, settings, cgroupVersion)`: the same with its defaults, as inspected
// - `wantsInit(settings, record)`: known at the start, so that a daemon's flag counts for all
// - `withUsual(settings, record)`: what it does not say, as the daemon's flags have it
// - `maskedPaths`, `readonlyPaths`: of /proc and /sys, unless the caller has lists of his own
//
// Source: the defaults of dockerd, as `docker inspect` shows them.

import type { ContainerSettings } from '../core/needs.ts';
import type { HostConfig } from '../record/host-config.ts';
import type { ContainerRecord } from '../record/record.ts';

const maskedPaths: readonly string[] = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];

const readonlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

type Defaults = Pick<
  ContainerSettings,
  'logDriver' | 'ipcMode' | 'cgroupnsMode' | 'shmBytes' | 'network'
>;

export function withDefaults(
  asked: HostConfig,
  { logDriver, ipcMode, cgroupnsMode, shmBytes, network }: Defaults,
  cgroupVersion: 1 | 2,
): HostConfig {
  const { Privileged: isPrivileged, RestartPolicy, LogConfig } = asked;
  const ofVersion = cgroupVersion === 1 ? 'host' : 'private';
  const isClassic = isPrivileged && cgroupVersion === 1;
  const defaultGroups = isClassic ? 'host' : (cgroupnsMode ?? ofVersion);
  return {
    ...asked,
    ...memoryDefaults(asked),
    LogConfig: { Type: LogConfig.Type || logDriver, Config: LogConfig.Config ?? {} },
    NetworkMode: ['', 'default'].includes(asked.NetworkMode) ? network : asked.NetworkMode,
    RestartPolicy: { ...RestartPolicy, Name: RestartPolicy.Name || 'no' },
    CgroupnsMode: asked.CgroupnsMode || defaultGroups,
    IpcMode: asked.IpcMode || ipcMode,
    Runtime: asked.Runtime || 'runc',
    ShmSize: asked.ShmSize || shmBytes,
    OomKillDisable: asked.OomKillDisable ?? false,
    PidsLimit: (asked.PidsLimit ?? 0) <= 0 ? null : asked.PidsLimit,
    SecurityOpt: securityOf(asked),
    MaskedPaths: asked.MaskedPaths ?? (isPrivileged ? null : maskedPaths),
    ReadonlyPaths: asked.ReadonlyPaths ?? (isPrivileged ? null : readonlyPaths),
  };
}

/** Whoever lives among others' processes has their init. */
export function wantsInit(
  { init }: Pick<ContainerSettings, 'init'>,
  { hostConfig: { Init, PidMode } }: { readonly hostConfig: HostConfig },
): boolean {
  return (Init ?? init) && PidMode === '';
}

/** As with `init`: a container says only what it was asked for. */
export function withUsual(
  { ulimits, noNewPrivileges }: Pick<ContainerSettings, 'ulimits' | 'noNewPrivileges'>,
  record: ContainerRecord,
): ContainerRecord {
  const { hostConfig } = record;
  const own = hostConfig.Ulimits ?? [];
  const others = ulimits.filter(({ Name }) => own.every(one => one.Name !== Name));
  if (others.length === 0 && !noNewPrivileges) return record;
  // What it says itself comes last, and holds.
  const security = [...(noNewPrivileges ? [flag] : []), ...(hostConfig.SecurityOpt ?? [])];
  const usual = { Ulimits: [...own, ...others], SecurityOpt: security };
  return { ...record, hostConfig: { ...hostConfig, ...usual } };
}

const flag = 'no-new-privileges';

function memoryDefaults({ Memory, MemorySwap, MemorySwappiness }: HostConfig) {
  return {
    MemorySwap: Memory > 0 && MemorySwap === 0 ? Memory * 2 : MemorySwap,
    MemorySwappiness: MemorySwappiness === -1 ? null : MemorySwappiness,
  };
}

/** Who sees the host's processes or its memory has no label of his own. */
function securityOf({ SecurityOpt, IpcMode, PidMode, Privileged }: HostConfig) {
  const isOpen = IpcMode === 'host' || PidMode === 'host' || Privileged;
  const isSaid = SecurityOpt?.some(option => option.split('=')[0] === 'label') ?? false;
  return isOpen && !isSaid ? [...(SecurityOpt ?? []), 'label=disable'] : SecurityOpt;
}
