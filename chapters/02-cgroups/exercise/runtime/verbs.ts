// Made from ../../runtime/verbs.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// What is done to a container that runs: it is looked at, and held.
//
// - `pauseGroup(group)`: no process of it gets a processor; `group.thaw()` undoes it
// - `statsTable(rows)`: one line for each container
//
// All that these need is a pid: its group is found in /proc/PID/cgroup.

import type { Group } from '../group/group.ts';
import type { GroupStats } from '../../group/stats.ts';

export interface StatsRow {
  readonly pid: number;
  readonly stats: GroupStats;
  readonly frozen: boolean;
}

const headings = [
  'PID',
  'CPU TIME',
  'CPUS',
  'MEMORY',
  'LIMIT',
  'PIDS',
  'READ',
  'WRITTEN',
];

/** Cumulated figures: for "percent now" look twice. */
export function statsTable(rows: readonly StatsRow[]): string {
  const cells = [headings, ...rows.map(rowOf)];
  const widths = headings.map((_, column) =>
    Math.max(...cells.map(row => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return cells.map(row => `${line(row)}\n`).join('');
}

function rowOf({ pid, stats, frozen }: StatsRow): readonly string[] {
  const { cpu, memory, pids, io } = stats;
  const total = (of: 'readBytes' | 'writtenBytes'): number | undefined =>
    io?.reduce((sum, device) => sum + device[of], 0);
  return [
    `${pid}${frozen ? ' (paused)' : ''}`,
    cpu?.usageUs === undefined ? '-' : `${(cpu.usageUs / 1e6).toFixed(2)} s`,
    limitOr(cpu !== undefined, cpu?.limitCpus, String),
    size(memory?.usageBytes),
    limitOr(memory !== undefined, memory?.limitBytes, size),
    pids === undefined ? '-' : `${pids.current}/${pids.limit ?? 'max'}`,
    size(total('readBytes')),
    size(total('writtenBytes')),
  ];
}

/** `-`: nobody counts it; `max`: no limit. */
function limitOr(
  counted: boolean,
  limit: number | undefined,
  show: (limit: number) => string,
): string {
  if (!counted) return '-';
  return limit === undefined ? 'max' : show(limit);
}

function size(bytes: number | undefined): string {
  return bytes === undefined ? '-' : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

export async function pauseGroup(group: Group): Promise<void> {
  // YOUR PART pause: SIGSTOP is seen by the application's parent, and SIGCONT by
  // anybody undoes it. What holds all processes of a group at once, without asking
  // them?
  for (const pid of group.processes()) process.kill(pid, 'SIGSTOP');
  await Promise.resolve();
}
// As made: 88f71830
