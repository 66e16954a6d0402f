// `--health-*`: how a container is asked whether it is well.
//
// - `healthcheckOf(flags)`   of a create request; undefined: as its image says. @throws Failure

import { Failure } from '../../failure.ts';
import type { RunFlags } from './flags.ts';

export function healthcheckOf(flags: RunFlags): object | undefined {
  const { healthCmd, healthInterval, healthTimeout, healthRetries } = flags;
  const { healthStartPeriod, healthStartInterval } = flags;
  const times = {
    Interval: healthInterval ?? 0,
    Timeout: healthTimeout ?? 0,
    StartPeriod: healthStartPeriod ?? 0,
    StartInterval: healthStartInterval ?? 0,
    Retries: healthRetries ?? 0,
  };
  const isSaid = healthCmd !== undefined || Object.values(times).some(value => value !== 0);
  if (!flags.healthcheck) {
    if (isSaid) throw new Failure('--no-healthcheck conflicts with --health-* options', 125);
    return { Test: ['NONE'] };
  }
  if (!isSaid) return undefined;
  const [name] = Object.entries(times).find(([, value]) => value < 0) ?? [];
  if (name !== undefined) {
    const flag = name.replaceAll(/(?!^)([A-Z])/g, '-$1').toLowerCase();
    throw new Failure(`--health-${flag} cannot be negative`, 125);
  }
  const said = Object.entries(times).filter(([, value]) => value !== 0);
  const test = healthCmd === undefined ? {} : { Test: ['CMD-SHELL', healthCmd] };
  return { ...test, ...Object.fromEntries(said) };
}
