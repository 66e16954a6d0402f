/**
 * The checks that a tool makes: types, lint, format, and the same for Rust.
 *
 * - types     tsc, strict
 * - lint      oxlint with types: no floating promises, no `any`, no `!`, no default exports
 * - format    oxfmt
 * - rustLint  clippy, every warning an error
 * - rustFormat  rustfmt
 *
 * Each is silent about a tree that has nothing for it: there is no Rust in an early commit.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, toolFindings } from './check.ts';

export const types: Check = {
  name: 'types',
  todo: 'npx tsc -p .',
  run: root => toolFindings(root, 'tsc', ['-p', '.', '--pretty', 'false']),
};

export const lint: Check = {
  name: 'lint',
  todo: 'npx oxlint --type-aware',
  run: root => toolFindings(root, 'oxlint', ['--type-aware', '--deny-warnings', '-f', 'unix']),
};

export const format: Check = {
  name: 'format',
  todo: 'npm run format',
  run: root => toolFindings(root, 'oxfmt', ['--list-different']),
};

/** Not `--all-targets`: that would also build the addon as a test, which it has no `main` for. */
const targets = ['--lib', '--bins', '--tests'];

export const rustLint: Check = {
  name: 'clippy',
  todo: 'cargo clippy --manifest-path native/Cargo.toml',
  run: root =>
    cargo(root, ['clippy', '--quiet', '--workspace', ...targets], ['--', '-D', 'warnings']),
};

export const rustFormat: Check = {
  name: 'rustfmt',
  todo: 'npm run format',
  run: root => cargo(root, ['fmt', '--all'], ['--', '--check', '-l']),
};

function cargo(root: string, args: readonly string[], rest: readonly string[]): readonly string[] {
  const manifest = join('native', 'Cargo.toml');
  if (!existsSync(join(root, manifest))) return [];
  return toolFindings(root, 'cargo', [...args, '--manifest-path', manifest, ...rest]);
}
