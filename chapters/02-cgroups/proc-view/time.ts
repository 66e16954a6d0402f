// /proc/stat and /proc/uptime of a group: how its processors spent their time.
//
// - moreAllowed(before, seconds, cpus, limit): the time that the group could have had
// - statText(host, time, tasks), uptimeText(time)
//
// `top` divides busy by busy + idle. Idle is what the group could have had and did not
// use, so a group that uses all of its fifth of a processor shows one processor, 100 %
// busy. The sum "could have had" grows from look to look, because the limit may change
// meanwhile. Version 2 does not count processors apart, so each gets an equal part.
// btime stays: ps adds the host's clock ticks of a process's start to it.
// Source: proc_stat(5); USER_HZ is 100 on every architecture that matters here.

import type { Tasks } from './load.ts';

export interface Time {
  readonly processors: number;
  readonly userUs: number;
  readonly systemUs: number;
  readonly allowedUs: number;
  readonly aliveSeconds: number;
}

const tickUs = 10_000;

export function moreAllowed(
  allowedUs: number,
  elapsedSeconds: number,
  cpus: readonly number[],
  limitCpus: number | undefined,
): number {
  const capacity = Math.min(cpus.length, limitCpus ?? cpus.length);
  return allowedUs + elapsedSeconds * capacity * 1e6;
}

export function statText(host: string, time: Time, tasks: Tasks): string {
  const processors = Array.from({ length: time.processors }, (_, index) =>
    line(`cpu${index}`, time, total => Math.floor((total + index) / time.processors)),
  );
  const rest = host
    .split('\n')
    .filter(one => !/^cpu\d* /.test(one))
    .map(one => one.replace(/^procs_running .*/, `procs_running ${tasks.running}`))
    .map(one => one.replace(/^procs_blocked .*/, `procs_blocked ${tasks.blocked}`));
  return [line('cpu ', time, total => total), ...processors, ...rest].join('\n');
}

export function uptimeText(time: Time): string {
  return `${time.aliveSeconds.toFixed(2)} ${(idleTicks(time) / 100).toFixed(2)}\n`;
}

/** `cpu0 user nice system idle iowait irq softirq steal guest guest_nice`, in ticks. */
function line(name: string, time: Time, part: (total: number) => number): string {
  const [user, system] = [ticks(time.userUs), ticks(time.systemUs)];
  const values = [user, 0, system, idleTicks(time), 0, 0, 0, 0, 0, 0];
  return `${name} ${values.map(part).join(' ')}`;
}

function idleTicks({ allowedUs, userUs, systemUs }: Time): number {
  return ticks(Math.max(0, allowedUs - userUs - systemUs));
}

function ticks(us: number): number {
  return Math.floor(us / tickUs);
}
