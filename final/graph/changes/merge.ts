// Two configurations become one: what the first does not say, the second does.
//
// - `mergeConfig(own, other)`: as a commit fills up from its container, and a container from its
//   image
//
// Source: what Docker does (daemon/commit.go).

import type { Config, Healthcheck } from '../../daemon/containers/record/config.ts';

export function mergeConfig(own: Config, other: Config): Config {
  const saysEntrypoint = (own.Entrypoint?.length ?? 0) > 0;
  const saysCommand = (own.Cmd?.length ?? 0) > 0;
  return {
    ...own,
    User: own.User || other.User,
    ExposedPorts:
      own.ExposedPorts === undefined && other.ExposedPorts === undefined
        ? undefined
        : { ...other.ExposedPorts, ...own.ExposedPorts },
    Env: mergeEnvironment(own.Env, other.Env),
    // A command belongs to its entry point.
    Cmd: saysEntrypoint || saysCommand ? own.Cmd : other.Cmd,
    Entrypoint: saysEntrypoint ? own.Entrypoint : (own.Entrypoint ?? other.Entrypoint),
    Labels: mergeMaps(own.Labels, other.Labels),
    Volumes: mergeMaps(own.Volumes, other.Volumes),
    WorkingDir: own.WorkingDir || other.WorkingDir,
    Healthcheck: mergeHealthcheck(own.Healthcheck, other.Healthcheck),
    StopSignal: own.StopSignal || other.StopSignal,
  };
}

function mergeEnvironment(own: Config['Env'], other: Config['Env']): Config['Env'] {
  if (own === null || own.length === 0) return other;
  const names = new Set(own.map(one => one.split('=', 1)[0]));
  return [...own, ...(other ?? []).filter(one => !names.has(one.split('=', 1)[0]))];
}

function mergeMaps<T>(
  own: Readonly<Record<string, T>> | null,
  other: Readonly<Record<string, T>> | null,
): Readonly<Record<string, T>> | null {
  return own === null && other === null ? null : { ...other, ...own };
}

function mergeHealthcheck(
  own: Healthcheck | undefined,
  other: Healthcheck | undefined,
): Healthcheck | undefined {
  if (own === undefined || other === undefined) return own ?? other;
  return {
    Test: (own.Test?.length ?? 0) > 0 ? own.Test : other.Test,
    Interval: own.Interval || other.Interval,
    Timeout: own.Timeout || other.Timeout,
    StartPeriod: own.StartPeriod || other.StartPeriod,
    StartInterval: own.StartInterval || other.StartInterval,
    Retries: own.Retries || other.Retries,
  };
}
