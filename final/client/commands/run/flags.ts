// The options of `run` and `create`, as docker has them.
//
// - `withRunFlags(command)`, `RunFlags`
// - `withLimits(command)`, `LimitFlags`   those that `update` has as well

import { collect, type Grammar } from '../../command.ts';
import { address, hostEntry, sysctl, ulimit } from './checked.ts';
import { bytesAt, timesAt, weightAt } from './disks.ts';
import { readMount } from './mounts.ts';
import { decimal, durationNs, integer, size, variable } from './values.ts';

type Line = readonly [flags: string, about: string, read?: (text: string) => unknown];

const limits: readonly Line[] = [
  ['-m, --memory <size>', 'memory at most', size],
  ['--memory-swap <size>', 'memory and swap at most', size],
  ['--memory-reservation <size>', 'memory that it may count on', size],
  ['--cpus <number>', 'processors at most', decimal],
  ['-c, --cpu-shares <n>', 'weight among others', integer],
  ['--cpu-period <us>', 'length of a scheduler’s period', integer],
  ['--cpu-quota <us>', 'time to run in each', integer],
  ['--cpu-rt-period <us>', 'length of a period of real time', integer],
  ['--cpu-rt-runtime <us>', 'time to run in real time in each', integer],
  ['--cpuset-cpus <list>', 'processors to run on'],
  ['--cpuset-mems <list>', 'memory nodes to use'],
  ['--kernel-memory <size>', 'memory of the kernel’s for it at most', size],
  ['--pids-limit <n>', 'processes at most', integer],
  ['--blkio-weight <n>', 'weight among others at the disks', integer],
];

export interface LimitFlags {
  readonly memory?: number;
  readonly memorySwap?: number;
  readonly memoryReservation?: number;
  readonly cpus?: number;
  readonly cpuShares?: number;
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
  readonly cpuRtPeriod?: number;
  readonly cpuRtRuntime?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly kernelMemory?: number;
  readonly pidsLimit?: number;
  readonly blkioWeight?: number;
  readonly restart?: string;
}

const many: readonly Line[] = [
  ['-a, --attach <stream>', 'stdin, stdout or stderr'],
  ['-e, --env <name=value>', 'environment', variable],
  ['--env-file <path>', 'environment, a line each'],
  ['-l, --label <name=value>', 'label'],
  ['--label-file <path>', 'labels, a line each'],
  ['-v, --volume <source:target>', 'volume or folder of the host'],
  ['--mount <fields>', 'the same, field by field', readMount],
  ['--tmpfs <path>', 'folder in memory'],
  ['--volumes-from <container>', 'its volumes'],
  ['-p, --publish <port:port>', 'port of the host'],
  ['--expose <port>', 'port that -P publishes'],
  ['--network-alias <name>', 'further name on its network'],
  ['--link <container>', 'name of another container'],
  ['--dns <address>', 'name server', address],
  ['--dns-search <domain>', 'domain to search in'],
  ['--dns-option <text>', 'option of resolv.conf'],
  ['--add-host <name:address>', 'line of /etc/hosts', hostEntry],
  ['--ulimit <name=soft:hard>', 'limit of the process', ulimit],
  ['--sysctl <name=value>', 'kernel parameter', sysctl],
  ['--device <path>', 'device of the host'],
  ['--device-cgroup-rule <rule>', 'devices to allow'],
  ['--blkio-weight-device <device:n>', 'weight among others at a disk', weightAt],
  ['--device-read-bps <device:size>', 'bytes a second to read at most', bytesAt],
  ['--device-write-bps <device:size>', 'bytes a second to write at most', bytesAt],
  ['--device-read-iops <device:n>', 'readings a second at most', timesAt],
  ['--device-write-iops <device:n>', 'writings a second at most', timesAt],
  ['--cap-add <name>', 'capability to give'],
  ['--cap-drop <name>', 'capability to take'],
  ['--group-add <group>', 'further group'],
  ['--security-opt <text>', 'seccomp=…, no-new-privileges'],
  ['--log-opt <name=value>', 'option of the log driver'],
  ['--annotation <name=value>', 'for the runtime'],
  ['--storage-opt <name=value>', 'option of the graph driver'],
];

type Many =
  | ('attach' | 'env' | 'envFile' | 'label' | 'labelFile' | 'volume' | 'tmpfs')
  | ('volumesFrom' | 'publish' | 'expose' | 'networkAlias' | 'link' | 'dns' | 'dnsSearch')
  | ('dnsOption' | 'addHost' | 'device' | 'deviceCgroupRule' | 'capAdd' | 'capDrop')
  | ('groupAdd' | 'securityOpt' | 'logOpt' | 'annotation' | 'sysctl' | 'storageOpt');

const single: readonly Line[] = [
  ['--name <name>', 'name of the container'],
  ['-h, --hostname <name>', 'host name inside'],
  ['--domainname <name>', 'domain name inside'],
  ['-u, --user <user>', 'user, or user:group'],
  ['-w, --workdir <path>', 'working directory'],
  ['--entrypoint <program>', 'instead of the image’s'],
  ['--network <network>', 'network, none, host, container:ID'],
  ['--net <network>', 'the same'],
  ['--ip <address>', 'address on its network'],
  ['--ip6 <address>', 'address of version 6'],
  ['--mac-address <address>', 'hardware address'],
  ['--memory-swappiness <n>', 'how readily it is swapped out', integer],
  ['--shm-size <size>', 'size of /dev/shm', size],
  ['--restart <policy>', 'no, always, unless-stopped, on-failure[:n]'],
  ['--stop-signal <signal>', 'how to ask it to stop'],
  ['--stop-timeout <seconds>', 'how long to wait then', integer],
  ['--pid <mode>', 'processes: host, container:ID'],
  ['--ipc <mode>', 'shared memory: private, shareable, host, container:ID'],
  ['--uts <mode>', 'host name: host'],
  ['--userns <mode>', 'users: host'],
  ['--cgroupns <mode>', 'control groups: private, host'],
  ['--cgroup-parent <path>', 'control group to be in'],
  ['--log-driver <name>', 'log driver'],
  ['--volume-driver <name>', 'driver of its volumes'],
  ['--oom-score-adj <n>', 'who is ended first when memory is short', integer],
  ['--cidfile <path>', 'file for the id'],
  ['--pull <when>', 'always, missing, never'],
  ['--platform <platform>', 'operating system and machine'],
  ['--runtime <name>', 'runtime'],
  ['--isolation <name>', 'isolation: default'],
  ['--gpus <devices>', 'devices that compute'],
  ['--health-cmd <command>', 'says whether it is well'],
  ['--health-interval <duration>', 'how often it is asked', durationNs],
  ['--health-timeout <duration>', 'how long it has to answer', durationNs],
  ['--health-retries <n>', 'so many failures mean unwell', integer],
  ['--health-start-period <duration>', 'failures do not count yet', durationNs],
  ['--health-start-interval <duration>', 'how often it is asked then', durationNs],
];

type Text =
  | ('name' | 'hostname' | 'domainname' | 'user' | 'workdir' | 'entrypoint' | 'network' | 'net')
  | ('ip' | 'ip6' | 'macAddress' | 'stopSignal' | 'pid' | 'ipc' | 'uts' | 'userns' | 'cgroupns')
  | ('cgroupParent' | 'logDriver' | 'volumeDriver' | 'cidfile' | 'pull' | 'platform' | 'runtime')
  | ('isolation' | 'gpus')
  | ('healthCmd' | 'detachKeys');

type Count =
  | ('memorySwappiness' | 'shmSize' | 'stopTimeout' | 'oomScoreAdj' | 'healthInterval')
  | ('healthTimeout' | 'healthRetries' | 'healthStartPeriod' | 'healthStartInterval');

const switches: readonly Line[] = [
  ['-i, --interactive', 'pass our standard input on'],
  ['-t, --tty', 'give it a terminal'],
  ['-P, --publish-all', 'publish all exposed ports'],
  ['--rm', 'remove it when it ends'],
  ['--privileged', 'take no protection'],
  ['--read-only', 'its files cannot be changed'],
  ['--init', 'an init that reaps'],
  ['--oom-kill-disable', 'stop it where memory is short, do not end it'],
  ['--no-healthcheck', 'do not ask how it is'],
  ['-q, --quiet', 'show nothing of a pull'],
];

type Switch =
  | ('interactive' | 'tty' | 'publishAll' | 'rm' | 'privileged' | 'readOnly' | 'init' | 'detach')
  | ('oomKillDisable' | 'quiet' | 'explain' | 'sigProxy');

type DeviceLimit =
  | ('blkioWeightDevice' | 'deviceReadBps' | 'deviceWriteBps')
  | ('deviceReadIops' | 'deviceWriteIops');

export type RunFlags = LimitFlags & { readonly [Key in Many]: readonly string[] } & {
  readonly [Key in Text]?: string;
} & { readonly [Key in Count]?: number } & { readonly [Key in Switch]?: boolean } & {
  readonly mount: readonly object[];
  readonly ulimit: readonly object[];
  readonly healthcheck: boolean;
} & { readonly [Key in DeviceLimit]: readonly object[] };

export function withLimits(command: Grammar): Grammar {
  for (const [flags, about, read] of limits) command.option(flags, about, read);
  return command;
}

export function withRunFlags(command: Grammar): Grammar {
  for (const [flags, about, read] of many) {
    const gather = (text: string, before: readonly unknown[]) => [...before, read?.(text) ?? text];
    command.option(flags, about, read === undefined ? collect : gather, []);
  }
  for (const [flags, about, read] of [...single, ...switches]) command.option(flags, about, read);
  // What follows the image belongs to the container.
  return withLimits(command).passThroughOptions();
}
