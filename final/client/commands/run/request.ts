// From the options of `run` to the body of a create request.
//
// - `createBody(flags, image, command, environment)`   @throws Failure

import type { RunFlags } from './flags.ts';
import { mountsOf } from './mounts.ts';
import { portBindings } from './ports.ts';
import { bytes, environmentOf, invalid, number, pairs } from './values.ts';

export function createBody(
  flags: RunFlags,
  image: string,
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
): object {
  const { Volumes, Binds, Mounts, Tmpfs } = mountsOf(flags);
  const { ExposedPorts, PortBindings } = portBindings(flags.publish, flags.expose);
  const streams = attached(flags);
  const { interactive = false, tty = false, entrypoint } = flags;
  const network = networkOf(flags);
  return {
    Image: image,
    ...(command.length > 0 && { Cmd: command }),
    ...(entrypoint !== undefined && { Entrypoint: entrypoint === '' ? [''] : [entrypoint] }),
    Hostname: flags.hostname ?? '',
    Domainname: flags.domainname ?? '',
    User: flags.user ?? '',
    WorkingDir: flags.workdir ?? '',
    Env: environmentOf(flags, environment),
    Labels: pairs(flags.label),
    AttachStdin: streams.has('stdin'),
    AttachStdout: streams.has('stdout'),
    AttachStderr: streams.has('stderr'),
    Tty: tty,
    OpenStdin: interactive,
    StdinOnce: interactive && streams.has('stdin'),
    Volumes,
    ExposedPorts,
    ...(flags.stopSignal !== undefined && { StopSignal: flags.stopSignal }),
    ...(flags.stopTimeout !== undefined && {
      StopTimeout: number(flags.stopTimeout, 'stop-timeout'),
    }),
    HostConfig: { ...hostConfig(flags), ...limits(flags), Binds, Mounts, Tmpfs, PortBindings },
    ...(network.name !== 'default' && {
      NetworkingConfig: { EndpointsConfig: { [network.name]: network.endpoint } },
    }),
  };
}

/** Which of our streams are joined with the container's. */
export function attached({ attach, detach, interactive }: RunFlags): ReadonlySet<string> {
  if (detach === true) return new Set();
  if (attach.length > 0) return new Set(attach.map(name => name.toLowerCase()));
  return new Set(['stdout', 'stderr', ...(interactive === true ? ['stdin'] : [])]);
}

function networkOf(flags: RunFlags & { readonly net?: string }) {
  const name = flags.network ?? flags.net ?? 'default';
  const isNamed = !/^(default|bridge|host|none|container:.*)$/.test(name);
  return {
    name: isNamed ? name : 'default',
    mode: name,
    endpoint: {
      Aliases: flags.networkAlias,
      ...(flags.ip !== undefined && { IPAMConfig: { IPv4Address: flags.ip } }),
    },
  };
}

function hostConfig(flags: RunFlags): object {
  const [policy = '', retries] = (flags.restart ?? 'no').split(':');
  return {
    NetworkMode: networkOf(flags).mode,
    AutoRemove: flags.rm ?? false,
    Privileged: flags.privileged ?? false,
    ReadonlyRootfs: flags.readOnly ?? false,
    PublishAllPorts: flags.publishAll ?? false,
    ...(flags.init === true && { Init: true }),
    RestartPolicy: { Name: policy, MaximumRetryCount: number(retries, 'restart') },
    LogConfig: { Type: flags.logDriver ?? '', Config: pairs(flags.logOpt) },
    CapAdd: flags.capAdd,
    CapDrop: flags.capDrop,
    GroupAdd: flags.groupAdd,
    SecurityOpt: flags.securityOpt,
    VolumesFrom: flags.volumesFrom,
    Links: flags.link,
    Dns: flags.dns,
    ExtraHosts: flags.addHost,
    Sysctls: pairs(flags.sysctl),
    PidMode: flags.pid ?? '',
    IpcMode: flags.ipc ?? '',
    UTSMode: flags.uts ?? '',
    CgroupnsMode: flags.cgroupns ?? '',
    Runtime: flags.runtime ?? '',
    OomScoreAdj: number(flags.oomScoreAdj, 'oom-score-adj'),
  };
}

function limits(flags: RunFlags): object {
  const pids = number(flags.pidsLimit, 'pids-limit');
  return {
    Memory: bytes(flags.memory, 'memory'),
    MemorySwap: bytes(flags.memorySwap, 'memory-swap'),
    MemoryReservation: bytes(flags.memoryReservation, 'memory-reservation'),
    NanoCpus: Math.round(number(flags.cpus, 'cpus') * 1e9),
    CpuShares: number(flags.cpuShares, 'cpu-shares'),
    CpusetCpus: flags.cpusetCpus ?? '',
    PidsLimit: pids === 0 ? null : pids,
    ShmSize: bytes(flags.shmSize, 'shm-size'),
    Ulimits: flags.ulimit.map(ulimit),
    Devices: flags.device.map(device),
  };
}

function ulimit(text: string): object {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (match === null) throw invalid(text, 'ulimit', `invalid ulimit argument: ${text}`);
  const [, Name, soft, hard = soft] = match;
  return { Name, Soft: Number(soft), Hard: Number(hard) };
}

function device(text: string): object {
  const [host = '', second = host, third] = text.split(':');
  const hasPath = second.startsWith('/');
  const permissions = third ?? (hasPath ? 'rwm' : second);
  return {
    PathOnHost: host,
    PathInContainer: hasPath ? second : host,
    CgroupPermissions: permissions,
  };
}
