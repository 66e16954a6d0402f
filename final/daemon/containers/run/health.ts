// The watch over a container's health: its own program asks it, again and again.
//
// - `watchHealth(containers, id)`: until it ends
//
// `starting` until the first success, or as many failures in a row as its retries allow once the
// start period is over. The last five answers are kept. Source: Dockerfile, HEALTHCHECK.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Containers } from '../core/containers.ts';
import { timeOf } from '../core/moments.ts';
import type { Healthcheck } from '../record/config.ts';
import type { ContainerId } from '../record/record.ts';
import { isAlive, type Health } from '../record/state.ts';
import { probe, type Answer } from './probe.ts';

const nanosecondsInMs = 1_000_000;
const usual = { intervalMs: 30_000, timeoutMs: 30_000, startIntervalMs: 5000, retries: 3 };
const mostAnswers = 5;

interface Plan {
  readonly command: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
  readonly retries: number;
}

export function watchHealth(containers: Containers, id: ContainerId): void {
  const { config } = containers.get(id);
  const plan = planOf(config.Healthcheck, config.Shell);
  const live = containers.live(id);
  live.stopHealth?.();
  if (plan === undefined) return;
  const ending = new AbortController();
  live.stopHealth = () => ending.abort();
  keep(containers, id, { status: 'starting', failingStreak: 0, log: [] });
  void watch(containers, id, plan, ending.signal);
}

function planOf(
  check: Healthcheck | undefined,
  shell: readonly string[] | undefined,
): Plan | undefined {
  const [kind, ...rest] = check?.Test ?? [];
  // What is neither is no check.
  if (check === undefined || (kind !== 'CMD' && kind !== 'CMD-SHELL')) return undefined;
  const ms = (nanoseconds: number | undefined, otherwise: number): number =>
    nanoseconds ? nanoseconds / nanosecondsInMs : otherwise;
  return {
    command: kind === 'CMD' ? rest : [...(shell ?? ['/bin/sh', '-c']), ...rest],
    intervalMs: ms(check.Interval, usual.intervalMs),
    timeoutMs: ms(check.Timeout, usual.timeoutMs),
    startPeriodMs: ms(check.StartPeriod, 0),
    startIntervalMs: ms(check.StartInterval, usual.startIntervalMs),
    retries: check.Retries || usual.retries,
  };
}

async function watch(
  containers: Containers,
  id: ContainerId,
  plan: Plan,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now();
  const isStarting = (): boolean => {
    const { state } = containers.get(id);
    const isYoung = performance.now() - started < plan.startPeriodMs;
    return isYoung && state.health?.status === 'starting';
  };
  try {
    for (;;) {
      const delayMs = isStarting() ? plan.startIntervalMs : plan.intervalMs;
      await sleep(delayMs, undefined, { signal, ref: false });
      if (containers.get(id).state.status === 'paused') continue;
      const answer = await probe(containers, id, plan.command, plan.timeoutMs);
      if (signal.aborted) return;
      judge(containers, id, answer, isStarting() ? Infinity : plan.retries);
    }
  } catch (error) {
    if (signal.aborted || !containers.store.has(id)) return;
    containers.needs.warn(
      `the health of container ${id} is not watched any more: ${String(error)}`,
    );
  }
}

function judge(containers: Containers, id: ContainerId, answer: Answer, retries: number): void {
  const { state } = containers.get(id);
  const before = state.health ?? { status: 'starting', failingStreak: 0, log: [] };
  const failingStreak =
    answer.ExitCode === 0 ? 0 : before.failingStreak + (retries === Infinity ? 0 : 1);
  const isSick = answer.ExitCode !== 0 && failingStreak >= retries;
  const status = answer.ExitCode === 0 ? 'healthy' : isSick ? 'unhealthy' : before.status;
  keep(containers, id, {
    ...{ status, failingStreak },
    log: [...before.log, answer].slice(-mostAnswers),
  });
  if (status !== before.status) {
    containers.tell(containers.get(id), `health_status: ${status}`);
  }
}

function keep(containers: Containers, id: ContainerId, health: Health): void {
  const record = containers.get(id);
  if (!isAlive(record.state) || timeOf(record.state.startedAt) === undefined) return;
  containers.save({ ...record, state: { ...record.state, health } });
}
