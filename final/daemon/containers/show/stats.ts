// What a container uses, in Docker's shape, once or each second.
//
// - `statsJob`: { reference, stream, oneShot, signal } → samples; the job is done when they begin
//
// A sample holds the one before it (`precpu_stats`), from which clients compute a percentage; a
// one-shot has none and waits for nothing. Of a container that does not run all is zero.

import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { jobType } from '../../../engine/job.ts';
import type { Containers } from '../core/containers.ts';
import { formatTime, never } from '../core/moments.ts';
import type { ContainerId } from '../record/record.ts';
import { networkStats } from './network-stats.ts';
import { shownStats, type CpuSample } from './stats-shape.ts';

export interface StatsRequest {
  readonly reference: string;
  readonly stream: boolean;
  readonly oneShot: boolean;
  readonly signal: AbortSignal;
}

export const statsJob = jobType<StatsRequest, AsyncIterable<string>>('stats');

const periodMs = 1000;

export function stats(containers: Containers, request: StatsRequest): AsyncIterable<string> {
  const { id } = containers.find(request.reference);
  return samples(containers, id, request);
}

async function* samples(
  containers: Containers,
  id: ContainerId,
  { stream, oneShot, signal }: StatsRequest,
): AsyncGenerator<string> {
  let before: Sample = { read: never, cpu: {} };
  if (!stream && !oneShot) {
    const first = await sample(containers, id, before);
    if (first.isRunning) {
      before = first.next;
      await sleep(periodMs, undefined, { signal }).catch(() => undefined);
    }
  }
  while (!signal.aborted && containers.store.has(id)) {
    const { line, next } = await sample(containers, id, before, oneShot);
    yield `${line}\n`;
    if (!stream) return;
    before = next;
    await sleep(periodMs, undefined, { signal }).catch(() => undefined);
  }
}

interface Sample {
  readonly read: string;
  readonly cpu: CpuSample;
}

async function sample(
  containers: Containers,
  id: ContainerId,
  before: Sample,
  isAnonymous = false,
): Promise<{ readonly line: string; readonly next: Sample; readonly isRunning: boolean }> {
  const { name, state } = containers.get(id);
  const { running } = containers.live(id);
  // A one-shot has no names: whoever asks for it knows whom he asked about.
  const names = isAnonymous ? {} : { name: `/${name}`, id };
  if (running === undefined || state.pid === 0) {
    const nothing = shownStats({ read: never, preread: before.read, before: {}, ...names });
    return { line: JSON.stringify(nothing.shown), next: before, isRunning: false };
  }
  const read = formatTime(containers.needs.now());
  const { shown, cpu } = shownStats({
    ...{ read, preread: before.read, before: before.cpu, ...names },
    used: running.stats(),
    host: { cpuNs: await hostCpuNs(), cpus: cpus().length, memoryBytes: await hostMemory() },
    networks: await networkStats(state.pid),
  });
  return { line: JSON.stringify(shown), next: { read, cpu }, isRunning: true };
}

/** All processors' time since the start of the host. Source: proc_stat(5). */
async function hostCpuNs(): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n', 1);
  const ticks = line.trim().split(/\s+/).slice(1, 8).map(Number);
  return ticks.reduce((sum, count) => sum + count, 0) * 10_000_000;
}

async function hostMemory(): Promise<number> {
  const [, kilobytes = '0'] =
    /^MemTotal:\s+(\d+) kB/m.exec(await readFile('/proc/meminfo', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
