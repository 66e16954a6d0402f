// /proc as it would be if it knew of control groups: the host's texts, computed anew
// for one group. `free`, `top`, `uptime` and whatever counts processors then tell the
// truth inside.
//
// - procView(inside, host): path → text, for each of the six files
// - Inside: what is true of the group; HostTexts: what the kernel says to everybody
//
//   /proc/meminfo                                   proc-view/meminfo.ts
//   /proc/cpuinfo /sys/devices/system/cpu/online    proc-view/processors.ts
//   /proc/stat /proc/uptime                         proc-view/time.ts
//   /proc/loadavg                                   proc-view/load.ts
//
// Texts go in and texts come out; how they get over the real files is another matter.
// What cannot be told from a group (interrupts, huge pages, the boot time) stays the
// host's. lxcfs(1) does the same as a file system; a time namespace does uptime better.

import { formatCpuList } from '../hierarchies/cpu-list.ts';
import { loadavgText, type Load, type Tasks } from './load.ts';
import { meminfoText } from './meminfo.ts';
import { cpuinfoText, shownProcessors } from './processors.ts';
import { statText, uptimeText } from './time.ts';
import type { GroupStats } from '../group/stats.ts';

export interface Inside {
  readonly stats: GroupStats;
  /** the host's numbers of the processors on which the group may run */
  readonly cpus: readonly number[];
  readonly aliveSeconds: number;
  /** processor time that it could have had so far; see `moreAllowed` in time.ts */
  readonly allowedUs: number;
  readonly load: Load;
  readonly tasks: Tasks;
}

export interface HostTexts {
  readonly meminfo: string;
  readonly cpuinfo: string;
  readonly stat: string;
}

export function procView(inside: Inside, host: HostTexts): ReadonlyMap<string, string> {
  const { stats, cpus, allowedUs, aliveSeconds } = inside;
  const shown = shownProcessors(cpus, stats.cpu?.limitCpus);
  const time = {
    allowedUs,
    aliveSeconds,
    processors: shown.length,
    // Old kernels do not tell the two apart: then all of it is the program's.
    userUs: stats.cpu?.userUs ?? stats.cpu?.usageUs ?? 0,
    systemUs: stats.cpu?.systemUs ?? 0,
  };
  return new Map([
    ['/proc/meminfo', meminfoText(host.meminfo, stats.memory)],
    ['/proc/cpuinfo', cpuinfoText(host.cpuinfo, shown)],
    ['/proc/stat', statText(host.stat, time, inside.tasks)],
    ['/proc/uptime', uptimeText(time)],
    ['/proc/loadavg', loadavgText(inside.load, inside.tasks)],
    ['/sys/devices/system/cpu/online', `${formatCpuList([...shown.keys()])}\n`],
  ]);
}
