/**
 * What a check is: a name, a way to look at a tree, and what to do about what it finds.
 *
 * - Check             run(root) gives the findings, one a line; none means that all is well
 * - filesOf(root)     the paths of the tree that are ours, relative to the root, sorted
 * - toolFindings()    the output of a tool that ended with another status than 0
 *
 * A check takes the root as an argument, so that its test can point it at a small tree in which a
 * fault was planted: a check that cannot fail is no check.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { asOwner } from '../setup/owner.mjs';
import { cleanEnvironment, insidePath } from '../setup/tools.mjs';

export interface Check {
  readonly name: string;
  /** What to do about a finding, in a few words. */
  readonly todo: string;
  readonly run: (root: string) => readonly string[];
}

const notOurs = new Set(['node_modules', 'target', 'dist', '.git', '.cache']);
const isNotOurs = (path: string): boolean => path.split('/').some(part => notOurs.has(part));

export function filesOf(root: string, pattern: string): readonly string[] {
  return globSync(pattern, { cwd: root, exclude: isNotOurs }).toSorted();
}

export function toolFindings(
  root: string,
  program: string,
  args: readonly string[],
): readonly string[] {
  const env = { ...cleanEnvironment(insidePath()), NO_COLOR: '1' };
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  const result = spawnSync(program, args, { ...options, ...asOwner(root, env) });
  if (result.error !== undefined) return [`${program} did not start: ${result.error.message}`];
  if (result.status === 0) return [];
  const lines = `${result.stdout}${result.stderr}`.split('\n').filter(line => line.trim() !== '');
  return lines.length > 0 ? lines : [`${program} ended with status ${result.status}`];
}
