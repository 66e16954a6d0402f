// What `--log-driver` and `--log-opt` say, as the keeper takes it.
//
// - `verifyLogOptions(logConfig)`: whether there are such a driver and such options
// - `logSettings(logConfig, container, defaults)`: the file, or undefined for `none`
// - `logDrivers`: their names
//
// Rotation is on unless somebody says otherwise: a container that talks for ever must not fill the
// disk. Drivers: json-file, none, and local, which is written as json-file.

import type { LogFile } from '@slipway/native';
import { invalid, type Refusal } from '../../../../engine/refusal.ts';
import type { HostConfig } from '../../record/host-config.ts';
import { extraAttributes } from './extra.ts';
import { logTag, type Logged } from './tag.ts';

/** So much of a log is kept where nothing is said: five files of 20 MB. */
const defaults = { 'max-size': '20m', 'max-file': '5' };

const known: Readonly<Record<string, readonly string[]>> = {
  'json-file': [
    ...['max-size', 'max-file', 'compress', 'labels', 'labels-regex', 'env', 'env-regex', 'tag'],
  ],
  local: ['max-size', 'max-file', 'compress'],
  none: [],
};

/** Of every driver: how a container waits for its log, and what is kept of a log elsewhere. */
const builtIn: ReadonlySet<string> = new Set([
  ...['mode', 'max-buffer-size'],
  ...['cache-disabled', 'cache-max-size', 'cache-max-file', 'cache-compress'],
]);

/** Those that write, as `docker info` lists them. */
export const logDrivers = Object.keys(known).filter(name => name !== 'none');

export type LogRules = Omit<LogFile, 'folder' | 'file'>;

/** What is refused when a container is created: names. @throws INVALID with Docker's words */
export function verifyLogOptions({ Type: driver, Config: asked }: HostConfig['LogConfig']): void {
  if (driver === 'none') return;
  const { mode = '', 'max-buffer-size': buffer } = asked ?? {};
  if (!['', 'blocking', 'non-blocking'].includes(mode)) {
    throw invalid(`logger: logging mode not supported: ${mode}`);
  }
  if (buffer !== undefined && mode !== 'non-blocking') {
    throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  }
  if (buffer !== undefined && bytesOf(buffer) === undefined) {
    throw invalid(`error parsing option max-buffer-size: invalid size: '${buffer}'`);
  }
  const options = known[driver];
  if (options === undefined) throw invalid(`logger: no log driver named '${driver}' is registered`);
  const wrong = Object.keys(asked ?? {}).find(
    option => !options.includes(option) && !builtIn.has(option),
  );
  if (wrong === undefined) return;
  const of = driver === 'local' ? 'log driver local' : `${driver} log driver`;
  throw invalid(`unknown log opt '${wrong}' for ${of}`);
}

/** What is refused when it starts: values. @throws FAILED with Docker's words */
export function logSettings(
  { Type: driver, Config: asked }: HostConfig['LogConfig'],
  logged: Logged,
  daemon: { readonly logDriver: string; readonly logOptions: Readonly<Record<string, string>> },
): LogRules | undefined {
  if (driver === 'none') return undefined;
  const inherited = driver === daemon.logDriver ? daemon.logOptions : {};
  const merged = { ...inherited, ...asked };
  const size = merged['max-size'] ?? defaults['max-size'];
  const maxBytes = sizeOf(size);
  const maxFiles = countOf(merged['max-file'] ?? (merged['max-size'] ? '1' : defaults['max-file']));
  verifyCompress(merged['compress'], size, maxFiles);
  const attributes = attributesOf(merged, logged);
  return {
    ...(maxBytes !== undefined && { maxBytes, maxFiles }),
    ...(attributes !== undefined && { attributes }),
  };
}

/** `10m`, `64k`, `1g`, in thousands; undefined for what is no size. */
function bytesOf(written: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(written) ?? [];
  const power = ['', 'k', 'm', 'g', 't', 'p'].indexOf(unit.toLowerCase());
  return number === '' ? undefined : Math.floor(Number(number) * 1000 ** power);
}

/** Undefined for `-1`: without end. */
function sizeOf(written: string): number | undefined {
  if (written === '-1') return undefined;
  const bytes = bytesOf(written);
  if (bytes === undefined) throw notStarted(`invalid size: '${written}'`);
  if (bytes > 0) return bytes;
  throw notStarted('max-size must be a positive number');
}

function countOf(written: string): number {
  if (!/^[+-]?\d{1,9}$/.test(written)) {
    throw notStarted(`strconv.Atoi: parsing "${written}": invalid syntax`);
  }
  const count = Number(written);
  if (count < 1) throw notStarted('max-file cannot be less than 1');
  return Math.min(count, 9999);
}

function verifyCompress(written: string | undefined, size: string, count: number): void {
  if (written === undefined) return;
  if (!/^(?:1|t|T|true|TRUE|True|0|f|F|false|FALSE|False)$/.test(written)) {
    throw notStarted(`strconv.ParseBool: parsing "${written}": invalid syntax`);
  }
  if (!/^[1tT]/.test(written) || (count > 1 && size !== '-1')) return;
  throw notStarted('compress cannot be true when max-file is less than 2 or max-size is not set');
}

function notStarted(why: string): Refusal {
  return invalid(
    `failed to create task for container: failed to initialize logging driver: ${why}`,
  );
}

function attributesOf(
  options: Readonly<Record<string, string>>,
  logged: Logged,
): string | undefined {
  try {
    const found = { ...extraAttributes(options, logged.config) };
    const { tag } = options;
    if (tag) found['tag'] = logTag(tag, logged);
    return Object.keys(found).length === 0 ? undefined : JSON.stringify(found);
  } catch (error) {
    throw notStarted(error instanceof Error ? error.message : String(error));
  }
}
