// Values of options: sizes, numbers, durations, `key=value`.
//
// - `size`, `integer`, `decimal`, `durationNs`   readers; @throws Error in the words of Go's flags
// - `variable`               the reader of an environment's
// - `pairs(list)`              as an object; without `=` the value is empty
// - `environmentOf(flags)`     `-e` and `--env-file`; a name alone takes our own value

import { readFileSync } from 'node:fs';
import { Failure } from '../../failure.ts';

const powers: Readonly<Record<string, number>> = { b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** `64m` in bytes. */
export function size(text: string): number {
  if (text === '-1') return -1;
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgtp]?)(?:i?b)?$/i.exec(text);
  if (match === null) throw new Error(`invalid size: '${text}'`);
  const [, count, unit = ''] = match;
  return Math.floor(Number(count) * 1024 ** (powers[unit.toLowerCase() || 'b'] ?? 0));
}

export function integer(text: string): number {
  if (/^[+-]?\d{1,15}$/.test(text)) return Number(text);
  throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** `1.5` processors. */
export function decimal(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new Error(`failed to parse ${text} as a rational number`);
}

const nanoseconds: Readonly<Record<string, number>> = {
  ...{ h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, ns: 1 },
};

/** `1m30s`, as Go writes a duration. */
export function durationNs(text: string): number {
  if (text === '0') return 0;
  if (!/^([\d.]+(h|ms|us|µs|ns|m|s))+$/.test(text)) {
    throw new Error(`time: invalid duration ${JSON.stringify(text)}`);
  }
  const parts = [...text.matchAll(/([\d.]+)(h|ms|us|µs|ns|m|s)/g)];
  return parts.reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (nanoseconds[unit] ?? 0),
    0,
  );
}

export function pairs(list: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    list.map(one => {
      const [key = '', ...value] = one.split('=');
      return [key, value.join('=')];
    }),
  );
}

/** The reader of `-e`. */
export function variable(text: string): string {
  if (!text.startsWith('=')) return text;
  throw new Error(`invalid environment variable: ${text}`);
}

/** Lines of a file, without comments. */
export function linesOf(path: string): readonly string[] {
  return read(path)
    .split('\n')
    .map(line => line.replace(/\r$/, '').trimStart())
    .filter(line => line !== '' && !line.startsWith('#'));
}

export function environmentOf(
  { env, envFile }: { readonly env: readonly string[]; readonly envFile: readonly string[] },
  own: NodeJS.ProcessEnv,
): readonly string[] {
  return [...envFile.flatMap(linesOf), ...env].flatMap(one => {
    if (one.includes('=')) return [one];
    const value = own[one];
    return value === undefined ? [] : [`${one}=${value}`];
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Failure(`open ${path}: no such file or directory`, 125);
  }
}
