// Values of options: sizes, durations, `key=value`.
//
// - `bytes(text, option)`      `64m`; @throws Failure
// - `pairs(list)`              as an object; without `=` the value is empty
// - `environmentOf(flags)`     `-e` and `--env-file`; a name alone takes our own value

import { readFileSync } from 'node:fs';
import { Failure } from '../../failure.ts';

const powers: Readonly<Record<string, number>> = { b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

export function bytes(text: string | undefined, option: string): number {
  if (text === undefined || text === '') return 0;
  if (text === '-1') return -1;
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgtp]?)(?:i?b)?$/i.exec(text);
  if (match === null) throw invalid(text, option, `invalid size: '${text}'`);
  const [, count, unit = ''] = match;
  return Math.floor(Number(count) * 1024 ** (powers[unit.toLowerCase() || 'b'] ?? 0));
}

export function number(text: string | undefined, option: string): number {
  if (text === undefined) return 0;
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  throw invalid(text, option, `'${text}' is not a number`);
}

export function invalid(text: string, option: string, why: string): Failure {
  return new Failure(`invalid argument "${text}" for "--${option}" flag: ${why}`, 125);
}

export function pairs(list: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    list.map(one => {
      const [key = '', ...value] = one.split('=');
      return [key, value.join('=')];
    }),
  );
}

export function environmentOf(
  { env, envFile }: { readonly env: readonly string[]; readonly envFile: readonly string[] },
  own: NodeJS.ProcessEnv,
): readonly string[] {
  const filed = envFile.flatMap(path =>
    read(path)
      .split('\n')
      .map(line => line.replace(/\r$/, '').trimStart())
      .filter(line => line !== '' && !line.startsWith('#')),
  );
  return [...filed, ...env].flatMap(one => {
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
