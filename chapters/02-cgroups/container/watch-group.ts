// A group looked at again and again: what procView needs beside the texts of the host.
//
// - `watchGroup(group)`: `look()` gives the texts for /proc as they are now
//
// The kernel keeps no averages for a group and does not know how much time it could
// have had, so both are carried on from look to look.

import { readFileSync } from 'node:fs';
import { parseCpuList } from '../hierarchies/cpu-list.ts';
import type { Group } from '../group/group.ts';
import { nextLoad, tasksIn, type Load } from '../proc-view/load.ts';
import { moreAllowed } from '../proc-view/time.ts';
import { procView } from '../proc-view/proc-view.ts';

export interface Watch {
  /** path → text */
  look(): ReadonlyMap<string, string>;
}

export function watchGroup(group: Group): Watch {
  const start = performance.now();
  // It takes the kernel a while to write, and it changes with the machine only.
  const cpuinfo = readFileSync('/proc/cpuinfo', 'utf8');
  let last = start;
  let allowedUs = 0;
  let load: Load = [0, 0, 0];
  return {
    look: () => {
      const now = performance.now();
      const elapsed = (now - last) / 1000;
      last = now;
      const stats = group.stats();
      const cpus = processorsOf(group);
      const tasks = tasksIn(group.processes().flatMap(processStat));
      allowedUs = moreAllowed(allowedUs, elapsed, cpus, stats.cpu?.limitCpus);
      load = nextLoad(load, tasks, elapsed);
      const aliveSeconds = (now - start) / 1000;
      return procView(
        { stats, cpus, tasks, allowedUs, load, aliveSeconds },
        {
          cpuinfo,
          meminfo: readFileSync('/proc/meminfo', 'utf8'),
          stat: readFileSync('/proc/stat', 'utf8'),
        },
      );
    },
  };
}

/** Those on which the group may run; without a cpuset all that are switched on. */
function processorsOf(group: Group): readonly number[] {
  const directory = group.directoryOf('cpuset');
  const files = ['cpuset.cpus.effective', 'cpuset.effective_cpus'];
  for (const file of directory === undefined ? [] : files) {
    const text = readIfThere(`${directory}/${file}`);
    if (text !== undefined) return parseCpuList(text);
  }
  return parseCpuList(readFileSync('/sys/devices/system/cpu/online', 'utf8'));
}

/** /proc/PID/stat with the number that the process has inside. */
function processStat(pid: number): readonly string[] {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const status = readIfThere(`/proc/${pid}/status`);
  if (stat === undefined || status === undefined) return [];
  const inside = /^NSpid:.*?(\d+)$/m.exec(status)?.[1] ?? String(pid);
  return [stat.replace(/^\d+/, inside)];
}

/** Between the listing and the reading a process may have ended. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
