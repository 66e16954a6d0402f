/**
 * What `npm run test:vm` and `npm run vm` were asked for.
 *
 * - takeWorld(argv)   the worlds that `--cgroup v1|v2` chose (none: no choice), the folder that
 *                     `--kernel` named, and all other words
 * - UsageError        a wrong word; says which ones there are
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { World } from './initramfs.ts';

export class UsageError extends Error {}

export interface Chosen {
  readonly worlds: readonly World[];
  readonly kernel?: string;
  readonly rest: readonly string[];
}

/** Words behind `--` belong to a command and are not looked at. */
export function takeWorld(argv: readonly string[]): Chosen {
  const end = argv.indexOf('--');
  const ours = argv.slice(0, end === -1 ? argv.length : end);
  const chosen: World[] = [];
  let kernel: string | undefined;
  const rest: string[] = [];
  const words = ours.values();
  for (const word of words) {
    if (word === '--cgroup') chosen.push(toWorld(words.next().value));
    else if (word.startsWith('--cgroup=')) chosen.push(toWorld(word.slice('--cgroup='.length)));
    else if (word === '--kernel') kernel = toFolder(words.next().value);
    else if (word.startsWith('--kernel=')) kernel = toFolder(word.slice('--kernel='.length));
    else rest.push(word);
  }
  return {
    worlds: chosen,
    ...(kernel !== undefined && { kernel }),
    rest: [...rest, ...(end === -1 ? [] : argv.slice(end))],
  };
}

function toWorld(word: string | undefined): World {
  if (word === 'v1' || word === 'v2') return word;
  throw new UsageError(`--cgroup ${word ?? ''}: there is v1 and v2`);
}

function toFolder(word: string | undefined): string {
  if (word !== undefined && existsSync(join(word, 'lib/modules'))) return resolve(word);
  const what = 'a folder with the boot/ and lib/modules/ of a kernel package';
  throw new UsageError(`--kernel ${word ?? ''}: wanted is ${what}`);
}
