// From the options of `run` to the body of a create request.
//
// - `createBody(flags, image, command, environment)`   @throws Failure
// - `limitsOf(flags)`, `restartPolicy(text)`           also of an update
// - `attached(flags)`                                  which of our streams are joined

import { Failure } from '../../failure.ts';
import { capability, device } from './checked.ts';
import { refuseConflicts } from './conflicts.ts';
import type { LimitFlags, RunFlags } from './flags.ts';
import { healthcheckOf } from './health.ts';
import { mountsOf } from './mounts.ts';
import { portBindings } from './ports.ts';
import { environmentOf, linesOf, pairs } from './values.ts';

export function createBody(
  flags: RunFlags,
  image: string,
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
): object {
  const { Volumes, Binds, Mounts, Tmpfs } = mountsOf(flags);
  const { ExposedPorts, PortBindings } = portBindings(flags.publish, flags.expose);
  const streams = attached(flags);
  const { interactive = false, tty = false, entrypoint, stopSignal, stopTimeout } = flags;
  const network = networkOf(flags);
  refuseConflicts(flags, network);
  const Healthcheck = healthcheckOf(flags);
  return {
    Image: image,
    ...(command.length > 0 && { Cmd: command }),
    ...(entrypoint !== undefined && { Entrypoint: entrypoint === '' ? [''] : [entrypoint] }),
    Hostname: flags.hostname ?? '',
    Domainname: flags.domainname ?? '',
    User: flags.user ?? '',
    WorkingDir: flags.workdir ?? '',
    Env: environmentOf(flags, environment),
    Labels: pairs([...flags.labelFile.flatMap(linesOf), ...flags.label]),
    AttachStdin: streams.has('stdin'),
    AttachStdout: streams.has('stdout'),
    AttachStderr: streams.has('stderr'),
    Tty: tty,
    OpenStdin: interactive,
    StdinOnce: interactive && streams.has('stdin'),
    ...{ Volumes, ExposedPorts },
    ...(Healthcheck !== undefined && { Healthcheck }),
    ...(stopSignal !== undefined && { StopSignal: stopSignal }),
    ...(stopTimeout !== undefined && { StopTimeout: stopTimeout }),
    HostConfig: {
      ...{ ...hostConfig(flags), ...rightsOf(flags), ...limitsOf(flags), ...moreLimits(flags) },
      ...{ Binds: orNull(Binds), PortBindings },
      ...(Mounts.length > 0 && { Mounts }),
      ...(Object.keys(Tmpfs).length > 0 && { Tmpfs }),
    },
    ...(network.isSaid && {
      NetworkingConfig: { EndpointsConfig: { [network.name]: network.endpoint } },
    }),
  };
}

export function attached({ attach, detach, interactive }: RunFlags): ReadonlySet<string> {
  if (detach === true) return new Set();
  if (attach.length > 0) return new Set(attach.map(name => name.toLowerCase()));
  return new Set(['stdout', 'stderr', ...(interactive === true ? ['stdin'] : [])]);
}

function networkOf(flags: RunFlags) {
  const name = flags.network ?? flags.net ?? 'default';
  const isNamed = !/^(default|bridge|host|none|container:.*)$/.test(name);
  const { ip, ip6, macAddress } = flags;
  const addresses = {
    ...(ip !== undefined && { IPv4Address: ip }),
    ...(ip6 !== undefined && { IPv6Address: ip6 }),
  };
  const hasAddress = ip !== undefined || ip6 !== undefined;
  const isSaid = isNamed || hasAddress || macAddress !== undefined;
  return {
    ...{ name, isSaid, isNamed },
    mode: name,
    endpoint: {
      Aliases: orNull(flags.networkAlias),
      ...(hasAddress && { IPAMConfig: addresses }),
      ...(macAddress !== undefined && { MacAddress: macAddress }),
    },
  };
}

export function restartPolicy(text = 'no'): object {
  const [Name = '', retries] = text.split(':');
  if (retries !== undefined && !/^\d+$/.test(retries)) {
    const why = 'maximum retry count must be an integer';
    throw new Failure(`invalid restart policy format: ${why}`, 125);
  }
  return { Name, MaximumRetryCount: Number(retries ?? 0) };
}

function hostConfig(flags: RunFlags): object {
  return {
    NetworkMode: networkOf(flags).mode,
    AutoRemove: flags.rm ?? false,
    ReadonlyRootfs: flags.readOnly ?? false,
    PublishAllPorts: flags.publishAll ?? false,
    ...(flags.init !== undefined && { Init: flags.init }),
    RestartPolicy: restartPolicy(flags.restart),
    LogConfig: { Type: flags.logDriver ?? '', Config: pairs(flags.logOpt) },
    VolumesFrom: orNull(flags.volumesFrom),
    VolumeDriver: flags.volumeDriver ?? '',
    Links: orNull(flags.link),
    Dns: flags.dns,
    DnsSearch: flags.dnsSearch,
    DnsOptions: flags.dnsOption,
    ExtraHosts: orNull(flags.addHost),
    ...(flags.sysctl.length > 0 && { Sysctls: pairs(flags.sysctl) }),
    PidMode: flags.pid ?? '',
    IpcMode: flags.ipc ?? '',
    UTSMode: flags.uts ?? '',
    UsernsMode: flags.userns ?? '',
    CgroupnsMode: flags.cgroupns ?? '',
    CgroupParent: flags.cgroupParent ?? '',
    Runtime: flags.runtime ?? '',
    Isolation: flags.isolation ?? '',
    ...(flags.storageOpt.length > 0 && { StorageOpt: pairs(flags.storageOpt) }),
    ...(flags.gpus !== undefined && { DeviceRequests: [gpus(flags.gpus)] }),
    ...(flags.annotation.length > 0 && { Annotations: pairs(flags.annotation) }),
  };
}

/** `all`, or how many. */
function gpus(text: string): object {
  return { Count: text === 'all' ? -1 : Number(text) || 0, Capabilities: [['gpu']], Options: {} };
}

function rightsOf(flags: RunFlags): object {
  return {
    Privileged: flags.privileged ?? false,
    CapAdd: orNull(flags.capAdd.map(capability)),
    CapDrop: orNull(flags.capDrop.map(capability)),
    GroupAdd: orNull(flags.groupAdd),
    SecurityOpt: orNull(flags.securityOpt),
    Devices: flags.device.map(device),
    DeviceCgroupRules: orNull(flags.deviceCgroupRule),
  };
}

export function limitsOf(flags: LimitFlags): object {
  return {
    Memory: flags.memory ?? 0,
    MemorySwap: flags.memorySwap ?? 0,
    MemoryReservation: flags.memoryReservation ?? 0,
    NanoCpus: Math.round((flags.cpus ?? 0) * 1e9),
    CpuShares: flags.cpuShares ?? 0,
    CpuPeriod: flags.cpuPeriod ?? 0,
    CpuQuota: flags.cpuQuota ?? 0,
    CpuRealtimePeriod: flags.cpuRtPeriod ?? 0,
    CpuRealtimeRuntime: flags.cpuRtRuntime ?? 0,
    CpusetCpus: flags.cpusetCpus ?? '',
    CpusetMems: flags.cpusetMems ?? '',
    ...(flags.kernelMemory !== undefined && { KernelMemory: flags.kernelMemory }),
    PidsLimit: flags.pidsLimit ?? null,
    BlkioWeight: flags.blkioWeight ?? 0,
  };
}

function moreLimits(flags: RunFlags): object {
  const { memorySwappiness, oomKillDisable } = flags;
  return {
    ShmSize: flags.shmSize ?? 0,
    Ulimits: flags.ulimit,
    OomScoreAdj: flags.oomScoreAdj ?? 0,
    BlkioWeightDevice: flags.blkioWeightDevice,
    BlkioDeviceReadBps: flags.deviceReadBps,
    BlkioDeviceWriteBps: flags.deviceWriteBps,
    BlkioDeviceReadIOps: flags.deviceReadIops,
    BlkioDeviceWriteIOps: flags.deviceWriteIops,
    ...(memorySwappiness !== undefined && { MemorySwappiness: memorySwappiness }),
    ...(oomKillDisable === true && { OomKillDisable: true }),
  };
}

/** As docker sends a list that is empty. */
function orNull<Item>(list: readonly Item[]): readonly Item[] | null {
  return list.length === 0 ? null : list;
}
