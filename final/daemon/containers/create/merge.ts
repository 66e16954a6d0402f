// What an image says of the containers made from it, and what the caller says: merged.
//
// - `merge(asked, image)`: the caller's words win; lists and maps are put together
// - `commandOf(config)`: the program and its arguments
//
// An entry point of the caller's resets the image's command: the two belong together. Source: the
// rules of `docker run`, docs/reference/run, "Overriding image defaults".

import { invalid } from '../../../engine/refusal.ts';
import type { Config, Healthcheck } from '../record/config.ts';

export function merge(asked: Config, image: Config): Config {
  const exposed = { ...image.ExposedPorts, ...asked.ExposedPorts };
  const healthcheck = mergeHealthcheck(asked.Healthcheck, image.Healthcheck);
  return {
    ...asked,
    ...mergeCommand(asked, image),
    User: asked.User || image.User,
    ExposedPorts: Object.keys(exposed).length > 0 ? exposed : undefined,
    Env: mergeEnvironment(asked.Env ?? [], image.Env ?? []),
    Healthcheck: healthcheck,
    Volumes: mergeVolumes(asked, image),
    WorkingDir: asked.WorkingDir || image.WorkingDir,
    Labels: { ...image.Labels, ...asked.Labels },
    StopSignal: asked.StopSignal || image.StopSignal,
    StopTimeout: asked.StopTimeout ?? image.StopTimeout,
    Shell: asked.Shell ?? image.Shell,
  };
}

function mergeCommand(asked: Config, image: Config): Pick<Config, 'Cmd' | 'Entrypoint'> {
  const { Cmd, Entrypoint } = asked;
  if (Entrypoint !== null && Entrypoint.length > 0) {
    const isReset = Entrypoint.length === 1 && Entrypoint[0] === '';
    return { Cmd, Entrypoint: isReset ? null : Entrypoint };
  }
  const hasCommand = Cmd !== null && Cmd.length > 0;
  return {
    Cmd: hasCommand ? Cmd : image.Cmd,
    Entrypoint: Entrypoint === null ? image.Entrypoint : null,
  };
}

/** The caller's variables first; of the image's those that he has not named. */
function mergeEnvironment(asked: readonly string[], image: readonly string[]): readonly string[] {
  const named = new Set(asked.map(keyOf));
  return [...asked, ...image.filter(entry => !named.has(keyOf(entry)))];
}

function keyOf(entry: string): string {
  const end = entry.indexOf('=');
  return end === -1 ? entry : entry.slice(0, end);
}

function mergeVolumes(asked: Config, image: Config): Config['Volumes'] {
  const both = { ...image.Volumes, ...asked.Volumes };
  return Object.keys(both).length > 0 ? both : null;
}

function mergeHealthcheck(
  asked: Healthcheck | undefined,
  image: Healthcheck | undefined,
): Healthcheck | undefined {
  if (asked === undefined || image === undefined) return asked ?? image;
  return {
    Test: asked.Test?.length ? asked.Test : image.Test,
    Interval: asked.Interval || image.Interval,
    Timeout: asked.Timeout || image.Timeout,
    StartPeriod: asked.StartPeriod || image.StartPeriod,
    StartInterval: asked.StartInterval || image.StartInterval,
    Retries: asked.Retries || image.Retries,
  };
}

/** @throws INVALID if there is neither an entry point nor a command */
export function commandOf(config: Config): { readonly path: string; readonly args: string[] } {
  const [path, ...args] = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  if (path === undefined) throw invalid('no command specified');
  return { path, args };
}
