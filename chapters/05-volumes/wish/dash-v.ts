// `-v [SOURCE:]TARGET[:OPTION,…]`, in Docker's grammar.
//
// - `parseDashV(text, folder)`: a bind if the source is a path, else a named volume
//
// A colon cannot be escaped, so a path with a colon needs --mount. One option is not
// Docker's but podman's: idmap=DISK-SEEN-COUNT.

import { resolve } from 'node:path';
import type { IdMap } from '@slipway/namespaces/container/id-map.ts';
import { refuse, type MountRequest, type Spread } from './mount-request.ts';
import { readOwners } from './owners.ts';
import { readSpread, usualSpread } from './spread.ts';
import { readTarget } from './target.ts';
import { isVolumeName, nameRefusal } from './volume-name.ts';

interface Options {
  readonly readOnly: boolean;
  readonly spread?: Spread;
  readonly copy: boolean;
  readonly owners?: readonly IdMap[];
}

/**
 * What `-v text` wants; a relative source is relative to `folder`.
 *
 * @throws UsageError naming what is wrong with it
 */
export function parseDashV(text: string, folder: string): MountRequest {
  const asked = `-v ${text}`;
  const parts = text.split(':');
  if (parts.length > 3) {
    refuse(asked, 'it has too many colons: [SOURCE:]TARGET[:OPTIONS]');
  }
  const [first = '', second, third] = parts;
  if (second === undefined) {
    const target = readTarget(first, asked);
    return {
      type: 'volume',
      name: undefined,
      target,
      asked,
      readOnly: false,
      copy: true,
    };
  }
  if (first === '') refuse(asked, 'there is no source before the colon');
  if (third === '') refuse(asked, 'there is no option behind the last colon');
  if (third === undefined && !second.startsWith('/') && isOptions(second)) {
    refuse(asked, `without a source there are no options: write NAME:${text}`);
  }
  const options = readOptions(third ?? '', asked);
  const target = readTarget(second, asked);
  return isPath(first)
    ? bind(resolve(folder, first), target, asked, options)
    : named(first, target, asked, options);
}

/** Docker's client takes what begins with a dot as a path, and so do we. */
function isPath(source: string): boolean {
  return source.startsWith('/') || /^\.\.?(\/|$)/.test(source);
}

function bind(
  source: string,
  target: string,
  asked: string,
  options: Options,
): MountRequest {
  if (!options.copy) {
    refuse(asked, 'nocopy is for volumes: nothing is copied into a folder of yours');
  }
  const { readOnly, spread = usualSpread, owners } = options;
  return {
    ...{ type: 'bind', source, target, asked, readOnly, spread },
    ...{ recursive: true, makeSource: true, ...(owners && { owners }) },
  };
}

function named(
  name: string,
  target: string,
  asked: string,
  options: Options,
): MountRequest {
  if (!isVolumeName(name)) refuse(asked, nameRefusal(name));
  if (options.spread) {
    refuse(asked, 'propagation is for folders: nobody else mounts in a volume');
  }
  const { readOnly, copy, owners } = options;
  return {
    type: 'volume',
    name,
    target,
    asked,
    readOnly,
    copy,
    ...(owners && { owners }),
  };
}

/** Words that ask for nothing here: SELinux labels and the file sharing of a Mac. */
const ignored: Readonly<Record<string, string>> = {
  z: 'label',
  Z: 'label',
  consistent: 'consistency',
  cached: 'consistency',
  delegated: 'consistency',
};

function groupOf(word: string): string | undefined {
  if (word === 'ro' || word === 'rw') return 'access';
  if (word === 'nocopy') return 'copy';
  if (word.startsWith('idmap=')) return 'owners';
  if (readSpread(word)) return 'propagation';
  return ignored[word];
}

function isOptions(text: string): boolean {
  return text.split(',').every(word => groupOf(word) !== undefined);
}

function readOptions(text: string, asked: string): Options {
  const seen = new Map<string, string>();
  for (const word of text === '' ? [] : text.split(',')) {
    const group = groupOf(word);
    if (group === undefined) refuse(asked, `unknown option ${JSON.stringify(word)}`);
    const before = seen.get(group);
    if (before !== undefined)
      refuse(asked, `${before} and ${word} are two answers to one`);
    seen.set(group, word);
  }
  const spread = readSpread(seen.get('propagation') ?? '');
  const owners = seen.get('owners')?.slice('idmap='.length);
  return {
    readOnly: seen.get('access') === 'ro',
    copy: !seen.has('copy'),
    ...(spread && { spread }),
    ...(owners !== undefined && { owners: readOwners(owners, asked) }),
  };
}
