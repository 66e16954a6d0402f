// The command line of chapter 02: what it adds to that of chapter 01.
//
// - `addLimitOptions(command)`: declares the limits; `addContainerOptions`: --init and
//   the view of /proc, too
// - `readWish(flags, namespaces, machine)`: checks them against each other
// - `Wish`: what is then wanted of the group and of the program
//
// Long names are those of docker run. The values are judged in limit-options.ts.

import type { Namespace } from '@slipway/native';
import { UsageError } from '@slipway/namespaces';
import type { Command } from 'commander';
import {
  deviceMappings,
  limitsFrom,
  type LimitFlags,
} from '../options/limit-options.ts';
import type { Limits } from '../limits/limits.ts';
import type { Machine } from '../options/machine.ts';
import { withUsualDevices } from '../container/usual-devices.ts';

/** The flags as commander leaves them. */
export interface ContainerFlags extends LimitFlags {
  readonly init?: true;
  /** undefined: neither --proc-view nor --no-proc-view */
  readonly procView?: boolean;
}

export interface Wish {
  readonly limits: Limits;
  /** PID 1 stays in front of the application. */
  readonly init: boolean;
  /** /proc tells of the group. */
  readonly view: boolean;
}

const single: readonly (readonly [flags: string, text: string])[] = [
  ['--cpus <number>', 'processor time: 0.2 is a fifth of one processor'],
  ['--cpu-quota <microseconds>', 'processor time in each period, or -1'],
  ['--cpu-period <microseconds>', 'the period, 1000 to 1000000'],
  ['--cpu-shares <number>', 'weight among busy groups, 2 to 262144 (1024)'],
  ['--cpu-rt-runtime <microseconds>', 'real-time processor time in each period'],
  ['--cpu-rt-period <microseconds>', 'the real-time period'],
  ['--cpuset-cpus <list>', 'on these processors only, as in 0-1,3'],
  ['--cpuset-mems <list>', 'memory of these nodes only'],
  ['-m, --memory <size>', 'memory, as in 64m, or -1'],
  ['--memory-swap <size>', 'memory and swap together, or -1'],
  ['--memory-reservation <size>', 'what it keeps when memory is short'],
  ['--memory-swappiness <number>', 'how gladly it is swapped out, 0 to 100'],
  ['--pids <number>', 'processes and threads, or -1'],
  ['--blkio-weight <number>', 'weight at the disk, 10 to 1000'],
  ['--net-classid <number>', 'a class for tc on every packet, as in 0x10001'],
];

const repeated: readonly (readonly [flags: string, text: string])[] = [
  ['--device-read-bps <disk:rate>', 'bytes a second, as in /dev/sda:1mb'],
  ['--device-write-bps <disk:rate>', 'the same for writing'],
  ['--device-read-iops <disk:rate>', 'operations a second'],
  ['--device-write-iops <disk:rate>', 'the same for writing'],
  ['--device <path[:rwm]>', 'this device, and otherwise the harmless ones only'],
  ['--device-cgroup-rule <rule>', 'a device rule, as in "c 1:3 rwm"'],
];

/** Declares the limits on `command`. */
export function addLimitOptions(command: Command): Command {
  const collect = (text: string, before: readonly string[] = []): readonly string[] => [
    ...before,
    text,
  ];
  for (const [flags, text] of single) command.option(flags, text);
  for (const [flags, text] of repeated) command.option(flags, text, collect);
  return command.option('--oom-kill-disable', 'wait at the memory limit (version 1)');
}

/** Declares the limits and what else a container of this chapter can have. */
export function addContainerOptions(command: Command): Command {
  return addLimitOptions(command)
    .option('--init', 'a PID 1 that reaps and passes signals on (needs --pid)')
    .option('--proc-view', 'let /proc tell of the group (needs --mount)')
    .option('--no-proc-view', 'leave /proc as it is');
}

/**
 * What the flags want.
 *
 * With limits and a table of mounts of its own a container sees the repaired /proc
 * unless it is told not to: a program that sizes its heap by /proc/meminfo is killed
 * for believing the host's. Without such a table there is nowhere to put it.
 *
 * With `ownRoot` (chapter 03) a device can have another name inside.
 *
 * @throws UsageError, or ControlGroupError OPTION, with what is allowed
 */
export function readWish(
  flags: ContainerFlags,
  namespaces: readonly Namespace[],
  machine: Machine,
  ownRoot = false,
): Wish {
  refuseMisfits(flags, namespaces);
  const limits = readLimits(flags, machine, ownRoot);
  const { cpuQuotaUs, cpusetCpus, memoryBytes } = limits;
  const shown = [cpuQuotaUs, cpusetCpus, memoryBytes].some(one => one !== undefined);
  const possible = namespaces.includes('mount');
  return {
    limits,
    init: flags.init ?? false,
    view: flags.procView ?? (shown && possible),
  };
}

/** The limits alone, for a container that runs. @throws as `readWish` */
export function readLimits(
  flags: LimitFlags,
  machine: Machine,
  ownRoot = false,
): Limits {
  for (const { onHost, inside } of deviceMappings(flags, machine)) {
    if (ownRoot || inside === onHost) continue;
    throw new UsageError(
      `--device ${onHost}:${inside}: without a root of its own a container has the ` +
        `/dev of this machine: write --device ${onHost}`,
    );
  }
  return withUsualDevices(limitsFrom(flags, machine));
}

function refuseMisfits(flags: ContainerFlags, namespaces: readonly Namespace[]): void {
  if (flags.init && !namespaces.includes('pid')) {
    throw new UsageError(
      '--init: only the first process of a namespace reaps: add --pid',
    );
  }
  if (flags.procView && !namespaces.includes('mount')) {
    throw new UsageError('--proc-view would cover /proc for all: add --mount');
  }
}
