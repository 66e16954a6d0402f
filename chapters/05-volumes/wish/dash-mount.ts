// `--mount type=bind|volume|tmpfs,KEY=VALUE,…`, in Docker's grammar.
//
// - `parseDashMount(text, folder)`: the same values as `-v`, said at length
//
// A line of comma-separated fields, so a field may be quoted: `"source=/a,b"`. Unlike
// `-v` it makes no source: a name with a typo should not become an empty folder.

import { resolve } from 'node:path';
import { parseSize } from '@slipway/cgroups';
import type { IdMap } from '@slipway/namespaces/container/id-map.ts';
import { refuse, type MountRequest } from './mount-request.ts';
import { readOwners } from './owners.ts';
import { readSpread, usualSpread } from './spread.ts';
import { readTarget } from './target.ts';
import { tmpfsOptions } from './tmpfs.ts';
import { isVolumeName, nameRefusal } from './volume-name.ts';

/** Other names of the same key. */
const aliases: Readonly<Record<string, string>> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
};

/** Every key, and the type that it is for. */
const keys: Readonly<Record<string, 'all' | MountRequest['type']>> = {
  type: 'all',
  source: 'all',
  target: 'all',
  readonly: 'all',
  consistency: 'all',
  idmap: 'all',
  'bind-propagation': 'bind',
  'bind-nonrecursive': 'bind',
  'bind-create-src': 'bind',
  'volume-nocopy': 'volume',
  'tmpfs-size': 'tmpfs',
  'tmpfs-mode': 'tmpfs',
};

type Fields = ReadonlyMap<string, string | undefined>;

/**
 * What `--mount text` wants; a relative source is relative to `folder`.
 *
 * @throws UsageError naming what is wrong with it
 */
export function parseDashMount(text: string, folder: string): MountRequest {
  const asked = `--mount ${text}`;
  const fields = readFields(text, asked);
  const type = readType(fields, asked);
  const wrong = [...fields.keys()].find(
    key => keys[key] !== 'all' && keys[key] !== type,
  );
  if (wrong !== undefined) refuse(asked, `${wrong} is not for a mount of type ${type}`);
  const target = readTarget(fields.get('target') ?? '', asked);
  const about = { target, asked, readOnly: isOn(fields, 'readonly', asked) };
  const idmap = fields.get('idmap');
  const owners = idmap === undefined ? undefined : readOwners(idmap, asked);
  switch (type) {
    case 'bind':
      return bind(fields, { ...about, ...(owners && { owners }) }, folder);
    case 'volume':
      return volume(fields, { ...about, ...(owners && { owners }) });
    case 'tmpfs':
      if (owners) refuse(asked, 'idmap is not for a tmpfs: give it uid and gid');
      return tmpfs(fields, about);
  }
}

interface About {
  readonly target: string;
  readonly asked: string;
  readonly readOnly: boolean;
  readonly owners?: readonly IdMap[];
}

function bind(fields: Fields, about: About, folder: string): MountRequest {
  const { asked } = about;
  const source = fields.get('source');
  if (source === undefined || source === '') {
    refuse(asked, 'a bind has no meaning without a source');
  }
  const word = fields.get('bind-propagation');
  const spread = word === undefined ? usualSpread : readSpread(word);
  if (spread === undefined) refuse(asked, `there is no propagation ${String(word)}`);
  return {
    ...about,
    ...{ type: 'bind', source: resolve(folder, source), spread },
    recursive: !isOn(fields, 'bind-nonrecursive', asked),
    makeSource: isOn(fields, 'bind-create-src', asked),
  };
}

function volume(fields: Fields, about: About): MountRequest {
  const name = fields.get('source');
  if (name !== undefined && !isVolumeName(name)) refuse(about.asked, nameRefusal(name));
  const copy = !isOn(fields, 'volume-nocopy', about.asked);
  return { ...about, type: 'volume', name, copy };
}

function tmpfs(fields: Fields, { target, asked, readOnly }: About): MountRequest {
  if (fields.has('source')) refuse(asked, 'a tmpfs has no source: it is memory');
  const size = fields.get('tmpfs-size');
  const mode = fields.get('tmpfs-mode');
  const words = [
    ...(readOnly ? ['ro'] : []),
    ...(size === undefined ? [] : [`size=${bytes(size, asked)}`]),
    ...(mode === undefined ? [] : [`mode=${mode}`]),
  ];
  return { type: 'tmpfs', target, asked, ...tmpfsOptions(words, asked) };
}

function bytes(text: string, asked: string): number {
  try {
    return parseSize(text);
  } catch (error) {
    return refuse(asked, error instanceof Error ? error.message : String(error));
  }
}

function readType(fields: Fields, asked: string): MountRequest['type'] {
  const type = fields.get('type') ?? 'volume';
  if (type === 'bind' || type === 'volume' || type === 'tmpfs') return type;
  return refuse(
    asked,
    `there is no type ${JSON.stringify(type)}: bind, volume or tmpfs`,
  );
}

function readFields(text: string, asked: string): Fields {
  const fields = new Map<string, string | undefined>();
  for (const field of splitFields(text, asked)) {
    const at = field.indexOf('=');
    const word = (at === -1 ? field : field.slice(0, at)).toLowerCase();
    const key = aliases[word] ?? word;
    if (keys[key] === undefined) refuse(asked, `unknown key ${JSON.stringify(word)}`);
    if (fields.has(key)) refuse(asked, `${key} stands there twice`);
    if (at === -1 && !isSwitch(key)) {
      refuse(asked, `${word} has no value: write ${word}=…`);
    }
    fields.set(key, at === -1 ? undefined : field.slice(at + 1));
  }
  return fields;
}

function isSwitch(key: string): boolean {
  return /^(readonly|bind-nonrecursive|bind-create-src|volume-nocopy)$/.test(key);
}

/** A switch alone is on; with a value it has to be one of the words for on and off. */
function isOn(fields: Fields, key: string, asked: string): boolean {
  if (!fields.has(key)) return false;
  const value = fields.get(key);
  if (value === undefined || /^(1|true)$/i.test(value)) return true;
  if (/^(0|false)$/i.test(value)) return false;
  return refuse(asked, `${key} is true or false, not ${JSON.stringify(value)}`);
}

/** RFC 4180, one line of it. */
function splitFields(text: string, asked: string): readonly string[] {
  const fields: string[] = [];
  const pattern = /(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/gy;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    end = match.index + match[0].length;
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
  }
  if (end !== text.length || text === '') {
    refuse(asked, 'it is no list of KEY=VALUE, separated by commas');
  }
  return fields;
}
