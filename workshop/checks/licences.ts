/**
 * Every dependency has a permissive licence, npm's and Cargo's.
 *
 * - licences                    the check
 * - isPermissive(expression)    an SPDX expression with OR, AND, WITH and brackets
 *
 * The names come from package-lock.json and `cargo metadata`: what is installed on some other
 * machine counts too. The exceptions are tools that are not changed and not shipped, each named.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asOwner } from '../setup/owner.mjs';
import { cleanEnvironment, insidePath } from '../setup/tools.mjs';
import type { Check } from './check.ts';

const permissive = new Set(
  (
    'MIT MIT-0 ISC 0BSD BSD-2-Clause BSD-3-Clause Apache-2.0 Zlib Unlicense CC0-1.0 BSL-1.0 ' +
    'BlueOak-1.0.0 bzip2-1.0.6 Python-2.0 PSF-2.0 Unicode-3.0'
  ).split(' '),
);

/** Part of vite, which runs the tests: MPL-2.0 asks for nothing while its files stay unchanged. */
const exceptions = [{ name: /^lightningcss(-|$)/, licence: 'MPL-2.0' }];

export const licences: Check = {
  name: 'licences',
  todo: 'take another package: Apache-2.0 code must be free to be used with all that it needs',
  run: root => [...npmPackages(root), ...crates(root)].filter(isUnwelcome).map(inWords),
};

interface Dependency {
  readonly name: string;
  readonly licence: string | undefined;
}

const inWords = ({ name, licence }: Dependency): string => `${name}: ${licence ?? 'no licence'}`;

function isUnwelcome({ name, licence }: Dependency): boolean {
  const excepted = exceptions.some(one => one.name.test(name) && one.licence === licence);
  return !excepted && (licence === undefined || !isPermissive(licence));
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly license?: string; readonly link?: true }>>;
}

function npmPackages(root: string): readonly Dependency[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  return Object.entries(lock.packages)
    .filter(([place, entry]) => place.includes('node_modules/') && entry.link !== true)
    .map(([place, entry]) => ({
      name: place.replace(/^.*node_modules\//, ''),
      licence: entry.license ?? oldForm(join(root, place)),
    }));
}

/** `"licenses": [{"type": "MIT"}]`, which npm no longer writes into its lock. */
function oldForm(folder: string): string | undefined {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return undefined;
  const { licenses = [] } = JSON.parse(readFileSync(file, 'utf8')) as OldPackage;
  const types = licenses.map(({ type }) => type);
  return types.length === 0 ? undefined : types.join(' OR ');
}

interface OldPackage {
  readonly licenses?: readonly { readonly type: string }[];
}

interface Metadata {
  readonly packages: readonly { readonly name: string; readonly license: string | null }[];
}

function crates(root: string): readonly Dependency[] {
  const manifest = join(root, 'native', 'Cargo.toml');
  if (!existsSync(manifest)) return [];
  const args = ['metadata', '--format-version', '1', '--manifest-path', manifest];
  const options = { encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  const who = asOwner(root, cleanEnvironment(insidePath()));
  const result = spawnSync('cargo', args, { ...options, ...who });
  if (result.status !== 0) return [{ name: 'cargo metadata', licence: result.stderr }];
  const { packages } = JSON.parse(result.stdout) as Metadata;
  return packages.map(one => ({ name: one.name, licence: one.license ?? undefined }));
}

export function isPermissive(expression: string): boolean {
  // Old crates write MIT/Apache-2.0 for MIT OR Apache-2.0.
  const words = expression.replaceAll('/', ' OR ').match(/[()]|[^\s()]+/g) ?? [];
  const [value, rest] = alternatives(words);
  return value && rest.length === 0;
}

type Parsed = readonly [value: boolean, rest: readonly string[]];

function alternatives(words: readonly string[]): Parsed {
  let [value, rest] = conjunction(words);
  while (rest[0] === 'OR') {
    const [other, after] = conjunction(rest.slice(1));
    [value, rest] = [value || other, after];
  }
  return [value, rest];
}

function conjunction(words: readonly string[]): Parsed {
  let [value, rest] = single(words);
  while (rest[0] === 'AND') {
    const [other, after] = single(rest.slice(1));
    [value, rest] = [value && other, after];
  }
  return [value, rest];
}

function single(words: readonly string[]): Parsed {
  const [first = '', ...rest] = words;
  if (first === '(') {
    const [value, after] = alternatives(rest);
    return [value && after[0] === ')', after.slice(1)];
  }
  // An exception (`WITH LLVM-exception`) only gives more freedom.
  return [permissive.has(first), rest[0] === 'WITH' ? rest.slice(2) : rest];
}
