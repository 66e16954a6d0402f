// How many processors the environment tells of, for those who read no file.
//
// - `toldProcessors(limits)`: with time for 0.2 processors 1; undefined where nothing
//   has to be said
// - `withTold(env, processors)`: the environment that says so
//
// nproc(1) does not read /proc: it asks on which processors it may run, and with a
// quota that is all of them. To shrink that set would make it say 1, and would bind the
// container to one processor while another idles. So the set stays as it is, and
// OMP_NUM_THREADS says how many threads make sense: nproc believes it, and so does
// OpenMP. Who asks the scheduler alone (busybox's nproc, taskset) needs --cpuset-cpus.
// Sources: nproc(1), the OpenMP specification, sched_getaffinity(2).

import { availableParallelism } from 'node:os';
import { parseCpuList } from '../hierarchies/cpu-list.ts';
import type { Limits } from '../limits/limits.ts';
import { shownProcessors } from '../proc-view/processors.ts';

const name = 'OMP_NUM_THREADS';
const usualPeriodUs = 100_000;

export function toldProcessors(
  { cpuQuotaUs = -1, cpuPeriodUs = usualPeriodUs, cpusetCpus }: Limits,
  processors = availableParallelism(),
): number | undefined {
  if (cpuQuotaUs === -1) return undefined;
  const all = Array.from({ length: processors }, (_, cpu) => cpu);
  const may = cpusetCpus === undefined ? all : parseCpuList(cpusetCpus);
  const shown = shownProcessors(may, cpuQuotaUs / cpuPeriodUs).length;
  return shown < may.length ? shown : undefined;
}

/** What the user has said stays. */
export function withTold(
  env: readonly string[],
  processors: number,
): readonly string[] {
  const said = env.some(entry => entry.startsWith(`${name}=`));
  return said ? env : [...env, `${name}=${processors}`];
}
