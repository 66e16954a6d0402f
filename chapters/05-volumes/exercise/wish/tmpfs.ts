// Made from ../../wish/tmpfs.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// `--tmpfs TARGET[:OPTION,…]`: memory with a path.
//
// - `parseDashTmpfs(text)`: the whole option
// - `tmpfsOptions(words, asked)`: its options, as flags and as the file system's own
//
// As with Docker nobody gains rights in it and no device works, unless asked for:
// nosuid, nodev, noexec. Without a size the kernel gives it half of the machine's
// memory. Source: tmpfs(5).

import type { MountFlag } from '@slipway/native';
import { refuse, type TmpfsRequest } from '../../wish/mount-request.ts';
import { readTarget } from './target.ts';

/** @throws UsageError naming what is wrong with it */
export function parseDashTmpfs(text: string): TmpfsRequest {
  const asked = `--tmpfs ${text}`;
  const [where = '', words, ...more] = text.split(':');
  if (more.length > 0) refuse(asked, 'it has too many colons: TARGET[:OPTIONS]');
  const target = readTarget(where, asked);
  const list = words === undefined ? [] : words.split(',');
  return { type: 'tmpfs', target, asked, ...tmpfsOptions(list, asked) };
}

/** The word that takes a flag away, and the flag. */
const switches: Readonly<Record<string, MountFlag>> = {
  suid: 'nosuid',
  dev: 'nodev',
  exec: 'noexec',
};

const values: Readonly<Record<string, readonly [grammar: RegExp, example: string]>> = {
  size: [/^\d+[kmg%]?$/i, '64m'],
  nr_inodes: [/^\d+[kmg]?$/i, '1k'],
  nr_blocks: [/^\d+[kmg]?$/i, '1k'],
  mode: [/^[0-7]{3,4}$/, '1777'],
  uid: [/^\d{1,10}$/, '1000'],
  gid: [/^\d{1,10}$/, '1000'],
};

export function tmpfsOptions(
  words: readonly string[],
  asked: string,
): Pick<TmpfsRequest, 'flags' | 'data'> {
  const flags = new Set<MountFlag>(['nosuid', 'nodev', 'noexec']);
  const data: string[] = [];
  for (const word of words) {
    const [key = '', value] = word.split('=', 2);
    const off = switches[key];
    if (value !== undefined) data.push(readValue(key, value, asked));
    else if (off) flags.delete(off);
    else if (key === 'ro' || key === 'noatime') flags.add(key);
    else if (key !== 'rw' && !isUsual(key)) {
      refuse(asked, `unknown option ${JSON.stringify(word)}`);
    }
  }
  return { flags: [...flags], data: data.join(',') };
}

function isUsual(key: string): boolean {
  return key === 'nosuid' || key === 'nodev' || key === 'noexec';
}

function readValue(key: string, value: string, asked: string): string {
  const known = values[key];
  if (known === undefined) refuse(asked, `unknown option ${JSON.stringify(key)}`);
  const [grammar, example] = known;
  if (!grammar.test(value)) {
    refuse(asked, `${key} cannot be ${JSON.stringify(value)}: as in ${key}=${example}`);
  }
  return `${key}=${value}`;
}
// As made: 72e679ad
