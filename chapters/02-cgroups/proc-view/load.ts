// /proc/loadavg of a group.
//
// - tasksIn(stats): how many processes run, wait for a disk, exist
// - nextLoad(load, running, seconds): the three averages, a while later
// - loadavgText(load, tasks)
//
// The kernel averages over the machine only, so somebody has to look at the group now
// and then and go on from there: the old average fades by e^(-t/60), the number seen
// makes up the rest. As in the kernel, those who wait for a disk (D) count like those
// who run (R).
// Source: proc_loadavg(5); kernel/sched/loadavg.c

export interface Tasks {
  readonly running: number;
  readonly blocked: number;
  readonly total: number;
  readonly lastPid: number;
}

/** Over one, five and fifteen minutes. */
export type Load = readonly [number, number, number];

/** From the texts of /proc/PID/stat: `77 (name) R 1 …`; the name may hold anything. */
export function tasksIn(stats: readonly string[]): Tasks {
  const states = stats.map(text => text.slice(text.lastIndexOf(')') + 2)[0]);
  return {
    running: states.filter(state => state === 'R').length,
    blocked: states.filter(state => state === 'D').length,
    total: stats.length,
    lastPid: Math.max(0, ...stats.map(text => Number.parseInt(text, 10))),
  };
}

export function nextLoad(load: Load, tasks: Tasks, elapsedSeconds: number): Load {
  const active = tasks.running + tasks.blocked;
  const after = (before: number, minutes: number): number => {
    const fade = Math.exp(-elapsedSeconds / (60 * minutes));
    return before * fade + active * (1 - fade);
  };
  return [after(load[0], 1), after(load[1], 5), after(load[2], 15)];
}

export function loadavgText(load: Load, { running, total, lastPid }: Tasks): string {
  const averages = load.map(one => one.toFixed(2)).join(' ');
  return `${averages} ${running}/${total} ${lastPid}\n`;
}
