// The options of `run` and `create`, as docker has them.
//
// - `withRunFlags(command)`, `RunFlags`

import type { Command } from 'commander';
import { collect } from '../../command.ts';

type Many = readonly string[];

export interface RunFlags {
  readonly detach?: boolean;
  readonly interactive?: boolean;
  readonly tty?: boolean;
  readonly rm?: boolean;
  readonly sigProxy?: string;
  readonly detachKeys?: string;
  readonly attach: Many;
  readonly name?: string;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly user?: string;
  readonly workdir?: string;
  readonly entrypoint?: string;
  readonly env: Many;
  readonly envFile: Many;
  readonly label: Many;
  readonly volume: Many;
  readonly mount: Many;
  readonly tmpfs: Many;
  readonly volumesFrom: Many;
  readonly publish: Many;
  readonly publishAll?: boolean;
  readonly expose: Many;
  readonly network?: string;
  readonly ip?: string;
  readonly networkAlias: Many;
  readonly link: Many;
  readonly dns: Many;
  readonly addHost: Many;
  readonly memory?: string;
  readonly memorySwap?: string;
  readonly memoryReservation?: string;
  readonly cpus?: string;
  readonly cpuShares?: string;
  readonly cpusetCpus?: string;
  readonly pidsLimit?: string;
  readonly shmSize?: string;
  readonly ulimit: Many;
  readonly sysctl: Many;
  readonly device: Many;
  readonly capAdd: Many;
  readonly capDrop: Many;
  readonly groupAdd: Many;
  readonly privileged?: boolean;
  readonly securityOpt: Many;
  readonly readOnly?: boolean;
  readonly init?: boolean;
  readonly restart?: string;
  readonly stopSignal?: string;
  readonly stopTimeout?: string;
  readonly pid?: string;
  readonly ipc?: string;
  readonly uts?: string;
  readonly cgroupns?: string;
  readonly logDriver?: string;
  readonly logOpt: Many;
  readonly oomScoreAdj?: string;
  readonly cidfile?: string;
  readonly pull?: string;
  readonly platform?: string;
  readonly runtime?: string;
}

const many: readonly (readonly [flags: string, about: string])[] = [
  ['-a, --attach <stream>', 'stdin, stdout or stderr'],
  ['-e, --env <name=value>', 'environment'],
  ['--env-file <path>', 'environment, a line each'],
  ['-l, --label <name=value>', 'label'],
  ['-v, --volume <source:target>', 'volume or folder of the host'],
  ['--mount <fields>', 'the same, field by field'],
  ['--tmpfs <path>', 'folder in memory'],
  ['--volumes-from <container>', 'its volumes'],
  ['-p, --publish <port:port>', 'port of the host'],
  ['--expose <port>', 'port that -P publishes'],
  ['--network-alias <name>', 'further name on its network'],
  ['--link <container>', 'name of another container'],
  ['--dns <address>', 'name server'],
  ['--add-host <name:address>', 'line of /etc/hosts'],
  ['--ulimit <name=soft:hard>', 'limit of the process'],
  ['--sysctl <name=value>', 'kernel parameter'],
  ['--device <path>', 'device of the host'],
  ['--cap-add <name>', 'capability to give'],
  ['--cap-drop <name>', 'capability to take'],
  ['--group-add <group>', 'further group'],
  ['--security-opt <text>', 'seccomp=…, no-new-privileges'],
  ['--log-opt <name=value>', 'option of the log driver'],
];

const single: readonly (readonly [flags: string, about: string])[] = [
  ['--name <name>', 'name of the container'],
  ['-h, --hostname <name>', 'host name inside'],
  ['--domainname <name>', 'domain name inside'],
  ['-u, --user <user>', 'user, or user:group'],
  ['-w, --workdir <path>', 'working directory'],
  ['--entrypoint <program>', 'instead of the image’s'],
  ['--network <network>', 'network, none, host, container:ID'],
  ['--ip <address>', 'address on its network'],
  ['-m, --memory <size>', 'memory at most'],
  ['--memory-swap <size>', 'memory and swap at most'],
  ['--memory-reservation <size>', 'memory that it may count on'],
  ['--cpus <number>', 'processors at most'],
  ['-c, --cpu-shares <n>', 'weight among others'],
  ['--cpuset-cpus <list>', 'processors to run on'],
  ['--pids-limit <n>', 'processes at most'],
  ['--shm-size <size>', 'size of /dev/shm'],
  ['--restart <policy>', 'no, always, unless-stopped, on-failure[:n]'],
  ['--stop-signal <signal>', 'how to ask it to stop'],
  ['--stop-timeout <seconds>', 'how long to wait then'],
  ['--pid <mode>', 'processes: host, container:ID'],
  ['--ipc <mode>', 'shared memory: private, shareable, host, container:ID'],
  ['--uts <mode>', 'host name: host'],
  ['--cgroupns <mode>', 'control groups: private, host'],
  ['--log-driver <name>', 'log driver'],
  ['--oom-score-adj <n>', 'who is ended first when memory is short'],
  ['--cidfile <path>', 'file for the id'],
  ['--pull <when>', 'always, missing, never'],
  ['--platform <platform>', 'operating system and machine'],
  ['--runtime <name>', 'runtime'],
];

export function withRunFlags(command: Command): Command {
  for (const [flags, about] of many) command.option(flags, about, collect, []);
  for (const [flags, about] of single) command.option(flags, about);
  command
    .option('--net <network>', 'the same as --network')
    .option('-i, --interactive', 'pass our standard input on')
    .option('-t, --tty', 'give it a terminal')
    .option('-P, --publish-all', 'publish all exposed ports')
    .option('--rm', 'remove it when it ends')
    .option('--privileged', 'take no protection')
    .option('--read-only', 'its files cannot be changed')
    .option('--init', 'an init that reaps')
    // What follows the image belongs to the container.
    .passThroughOptions();
  return command;
}
