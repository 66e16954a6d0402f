// How much of a processor a process had, by the kernel's own count.
//
// - measure(pid, during): what it used while something went on
// - untilItFits(lab, look, fits): looks again where the machine itself stood still
// - firstProcessor(): one on which this process may run
// - topLine(use): the figures as the first lines of top(1) write them
//
// /proc/PID/schedstat counts nanoseconds, /proc/PID/stat ticks of 10 ms, divided into
// user and system. Both count the process alone, however busy the machine is. In a
// virtual machine a whole processor is held up now and then; the process that was on it
// is charged for the pause, and not before its next tick: that figure means nothing.
// Sources: proc_pid_stat(5), Documentation/scheduler/sched-stats.rst.

import { readFileSync } from 'node:fs';
import type { Lab } from '@slipway/lab';
import { parseCpuList } from '../../hierarchies/cpu-list.ts';

export interface ProcessorUse {
  /** Of one processor. */
  readonly percent: number;
  readonly userPercent: number;
  readonly seconds: number;
}

export async function measure(
  pid: number,
  during: () => Promise<unknown>,
): Promise<ProcessorUse> {
  const [before, start] = [readTimes(pid), performance.now()];
  await during();
  const [after, seconds] = [readTimes(pid), (performance.now() - start) / 1000];
  const percent = (after.runNs - before.runNs) / seconds / 1e7;
  const user = after.userTicks - before.userTicks;
  const system = after.systemTicks - before.systemTicks;
  const part = user + system === 0 ? 1 : user / (user + system);
  return { percent, userPercent: percent * part, seconds };
}

const looks = 5;

/** What a pause has spoilt fits the next time, what is wrong never does. */
export async function untilItFits<Seen>(
  lab: Pick<Lab, 'say'>,
  look: () => Promise<Seen>,
  fits: (seen: Seen) => boolean,
): Promise<Seen> {
  for (let left = looks - 1; ; left -= 1) {
    const seen = await look();
    if (fits(seen) || left === 0) return seen;
    lab.say(
      'That is not what should be. Was the machine itself held up for a moment, as ' +
        'virtual ones are? Once more:',
    );
  }
}

export function firstProcessor(): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  const list = /^Cpus_allowed_list:\t(.*)$/m.exec(status)?.[1] ?? '0';
  return parseCpuList(list)[0] ?? 0;
}

/** Nanoseconds on a processor so far. */
export function runNanoseconds(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
}

function readTimes(pid: number): {
  readonly runNs: number;
  readonly userTicks: number;
  readonly systemTicks: number;
} {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces; user and system are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks = 0, systemTicks = 0] = fields.slice(11, 13).map(Number);
  return { runNs: runNanoseconds(pid), userTicks, systemTicks };
}

export function topLine({ percent, userPercent }: ProcessorUse): string {
  const figure = (value: number): string => value.toFixed(1).padStart(5);
  const idle = Math.max(0, 100 - percent);
  return (
    `%Cpu0 :${figure(userPercent)} us,${figure(percent - userPercent)} sy, ` +
    ` 0.0 ni,${figure(idle)} id,  0.0 wa,  0.0 hi,  0.0 si`
  );
}
