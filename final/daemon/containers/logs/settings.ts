// What `--log-driver` and `--log-opt` say, as the keeper takes it.
//
// - `logSettings(logConfig, config, names, defaults)`: the file, or undefined for `none`
// - `logDrivers`: their names
//
// Rotation is on unless somebody says otherwise: a container that talks for ever must not fill the
// disk. Drivers: json-file, none, and local, which is written as json-file.

import type { LogFile } from '@slipway/native';
import { invalid } from '../../../engine/refusal.ts';
import type { Config } from '../record/config.ts';
import type { HostConfig } from '../record/host-config.ts';
import { logTag, type LoggedNames } from './tag.ts';

/** So much of a log is kept where nothing is said: five files of 20 MB. */
const defaults = { 'max-size': '20m', 'max-file': '5' };

const known: Readonly<Record<string, readonly string[]>> = {
  'json-file': [
    ...['max-size', 'max-file', 'compress', 'labels', 'labels-regex', 'env', 'env-regex', 'tag'],
    ...['mode', 'max-buffer-size'],
  ],
  local: ['max-size', 'max-file', 'compress', 'mode', 'max-buffer-size'],
  none: [],
};

/** Those that write, as `docker info` lists them. */
export const logDrivers = Object.keys(known).filter(name => name !== 'none');

export type LogRules = Omit<LogFile, 'folder' | 'file'>;

/** @throws INVALID with Docker's words */
export function logSettings(
  { Type: driver, Config: asked }: HostConfig['LogConfig'],
  config: Config,
  names: LoggedNames,
  daemon: { readonly logDriver: string; readonly logOptions: Readonly<Record<string, string>> },
): LogRules | undefined {
  const options = known[driver];
  if (options === undefined) throw invalid(`logger: no log driver named '${driver}' is registered`);
  for (const option of Object.keys(asked ?? {})) {
    if (options.includes(option)) continue;
    throw invalid(`unknown log opt '${option}' for ${driver} log driver`);
  }
  if (driver === 'none') return undefined;
  const inherited = driver === daemon.logDriver ? daemon.logOptions : {};
  const merged = { ...inherited, ...asked };
  const maxBytes = sizeOf(merged['max-size'] ?? defaults['max-size']);
  const files = merged['max-file'] ?? (merged['max-size'] ? '1' : defaults['max-file']);
  const attributes = attributesOf(merged, config, names);
  return {
    ...(maxBytes !== undefined && { maxBytes, maxFiles: countOf(files) }),
    ...(attributes !== undefined && { attributes }),
  };
}

/** `10m`, `64k`, `1g`; `-1`: without end. */
function sizeOf(written: string): number | undefined {
  if (written === '-1') return undefined;
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgt]?)i?b?$/i.exec(written) ?? [];
  const power = ['', 'k', 'm', 'g', 't'].indexOf(unit.toLowerCase());
  const bytes = Math.floor(Number(number) * 1024 ** power);
  if (number !== '' && bytes > 0) return bytes;
  throw invalid(`invalid value for max-size: ${written}: invalid size: '${written}'`);
}

function countOf(written: string): number {
  const count = /^\d{1,4}$/.test(written) ? Number(written) : 0;
  if (count >= 1) return count;
  throw invalid(`invalid value for max-file: ${written}: max-file cannot be less than 1`);
}

function attributesOf(
  options: Readonly<Record<string, string>>,
  config: Config,
  names: LoggedNames,
): string | undefined {
  const found: Record<string, string> = {};
  const wanted = (option: string): readonly string[] => options[option]?.split(',') ?? [];
  const labels = config.Labels ?? {};
  for (const label of wanted('labels')) {
    if (Object.hasOwn(labels, label)) found[label] = labels[label] ?? '';
  }
  for (const variable of wanted('env')) {
    const entry = config.Env?.find(one => one.startsWith(`${variable}=`));
    if (entry !== undefined) found[variable] = entry.slice(variable.length + 1);
  }
  if (options['tag']) found['tag'] = logTag(options['tag'], names);
  return Object.keys(found).length === 0 ? undefined : JSON.stringify(found);
}
