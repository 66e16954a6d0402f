// HEALTHCHECK: how it is found out whether a container is well.
//
// - `healthcheckOf(text)`: `NONE`, or `[--interval=30s …] CMD command`; times in nanoseconds
//
// Source: Dockerfile reference, HEALTHCHECK.

import { parseDurationMs } from '../../api/moments.ts';
import type { Healthcheck } from '../../daemon/containers/record/config.ts';
import { invalid } from '../../engine/refusal.ts';
import { listOf } from './words.ts';

const times = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
} as const;

/** @throws Refusal INVALID */
export function healthcheckOf(text: string): Healthcheck {
  const flags = /^(?:--\S+\s+)*/.exec(text)?.[0] ?? '';
  const rest = text.slice(flags.length).trim();
  const [, type = '', command = ''] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  const kind = type.toUpperCase();
  if (kind === 'NONE') {
    if (command !== '') throw invalid('HEALTHCHECK NONE takes no arguments');
    return check(['NONE'], []);
  }
  if (kind !== 'CMD') throw invalid(`Unknown type "${kind}" in HEALTHCHECK (try CMD)`);
  const list = listOf(command);
  if (command === '' || list?.length === 0) {
    throw invalid('Missing command after HEALTHCHECK CMD');
  }
  const test = list === undefined ? ['CMD-SHELL', command] : ['CMD', ...list];
  return check(
    test,
    flags.split(/\s+/).filter(flag => flag !== ''),
  );
}

function check(Test: readonly string[], flags: readonly string[]): Healthcheck {
  const found: Partial<Record<keyof Healthcheck, number>> = {};
  for (const flag of flags) {
    const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/.exec(flag) ?? [];
    if (name === 'retries') found.Retries = retriesOf(value);
    else if (Object.hasOwn(times, name))
      found[times[name as keyof typeof times]] = timeOf(name, value);
    else throw invalid(`unknown flag: ${flag}`);
  }
  return {
    Test: [...Test],
    Interval: found.Interval,
    Timeout: found.Timeout,
    StartPeriod: found.StartPeriod,
    StartInterval: found.StartInterval,
    Retries: found.Retries,
  };
}

function timeOf(name: string, value: string): number {
  const ms = parseDurationMs(value);
  if (ms === undefined) throw invalid(`invalid duration ${JSON.stringify(value)}`);
  if (ms > 0 && ms < 1) throw invalid(`Interval "${name}" cannot be less than 1ms`);
  return Math.round(ms * 1e6);
}

function retriesOf(value: string): number {
  if (!/^\d{1,9}$/.test(value)) {
    throw invalid(`--retries must be a whole number of at least 0 (not ${JSON.stringify(value)})`);
  }
  return Number(value);
}
