// One sample of what a container uses, as docker shows it.
//
// - `sample`                        the schema of the engine's answer
// - `rowOf(name, sample, cuts)`     shares of the machine, sizes
// - `emptyRow(name)`                before the first sample
//
// The processor's share is what was used between two samples, of one processor: 200 % are two.
// Memory is without the pages of files that nobody has used lately. Source: docker/cli,
// stats_helpers.go.

import { z } from 'zod';
import type { Row } from '../../output/list.ts';
import { binarySize, humanSize } from '../../output/units.ts';

const count = z.number().default(0);
const cpu = z.object({
  cpu_usage: z.object({
    total_usage: count,
    percpu_usage: z.array(z.number()).nullish(),
  }),
  system_cpu_usage: count,
  online_cpus: count,
});

export const sample = z.object({
  id: z.string().default(''),
  name: z.string().default(''),
  cpu_stats: cpu,
  precpu_stats: cpu,
  memory_stats: z.object({
    usage: count,
    limit: count,
    stats: z.record(z.string(), z.number()).default({}),
  }),
  pids_stats: z.object({ current: count }),
  networks: z
    .record(z.string(), z.object({ rx_bytes: z.number(), tx_bytes: z.number() }))
    .nullish(),
  blkio_stats: z.object({
    io_service_bytes_recursive: z.array(z.object({ op: z.string(), value: z.number() })).nullish(),
  }),
});

type Sample = z.output<typeof sample>;

export function rowOf(name: string, one: Sample, cuts: boolean): Row {
  const { limit } = one.memory_stats;
  const used = memoryOf(one);
  const networks = Object.values(one.networks ?? {});
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  const disk = one.blkio_stats.io_service_bytes_recursive ?? [];
  const moved = (op: string): string =>
    humanSize(sum(disk.filter(line => line.op.toLowerCase() === op).map(({ value }) => value)), 3);
  const net = (way: 'rx_bytes' | 'tx_bytes'): string =>
    humanSize(sum(networks.map(network => network[way])), 3);
  return {
    BlockIO: `${moved('read')} / ${moved('write')}`,
    CPUPerc: percent(processorShare(one)),
    Container: name,
    ID: cuts ? one.id.slice(0, 12) : one.id,
    MemPerc: percent(limit === 0 ? 0 : (used / limit) * 100),
    MemUsage: `${binarySize(used)} / ${binarySize(limit)}`,
    Name: one.name.replace(/^\//, ''),
    NetIO: `${net('rx_bytes')} / ${net('tx_bytes')}`,
    PIDs: String(one.pids_stats.current),
  };
}

export function emptyRow(name: string): Row {
  const none = '--';
  const two = `${none} / ${none}`;
  return {
    ...{ BlockIO: two, CPUPerc: none, Container: name, ID: none, MemPerc: none, MemUsage: two },
    ...{ Name: name, NetIO: two, PIDs: none },
  };
}

function percent(share: number): string {
  return `${share.toFixed(2)}%`;
}

function processorShare({ cpu_stats: now, precpu_stats: before }: Sample): number {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const passed = now.system_cpu_usage - before.system_cpu_usage;
  const processors = now.online_cpus || (now.cpu_usage.percpu_usage ?? []).length;
  return used > 0 && passed > 0 ? (used / passed) * processors * 100 : 0;
}

function memoryOf({ memory_stats: { usage, stats } }: Sample): number {
  const idle = stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0;
  return idle < usage ? usage - idle : usage;
}
