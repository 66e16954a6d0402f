/**
 * What `npm run test:vm` and `npm run vm` were asked for.
 *
 * - takeWorld(argv)   the worlds that `--cgroup v1|v2` chose (none: no choice), and all other words
 * - UsageError        a wrong word; says which ones there are
 */
import type { World } from './initramfs.ts';

export class UsageError extends Error {}

export interface Chosen {
  readonly worlds: readonly World[];
  readonly rest: readonly string[];
}

/** Words behind `--` belong to a command and are not looked at. */
export function takeWorld(argv: readonly string[]): Chosen {
  const end = argv.indexOf('--');
  const ours = argv.slice(0, end === -1 ? argv.length : end);
  const chosen: World[] = [];
  const rest: string[] = [];
  const words = ours.values();
  for (const word of words) {
    if (word === '--cgroup') chosen.push(toWorld(words.next().value));
    else if (word.startsWith('--cgroup=')) chosen.push(toWorld(word.slice('--cgroup='.length)));
    else rest.push(word);
  }
  return { worlds: chosen, rest: [...rest, ...(end === -1 ? [] : argv.slice(end))] };
}

function toWorld(word: string | undefined): World {
  if (word === 'v1' || word === 'v2') return word;
  throw new UsageError(`--cgroup ${word ?? ''}: there is v1 and v2`);
}
