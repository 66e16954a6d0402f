// The three files that name things, in the container's own folder on the host.
//
// - `writeFiles(folder, texts)`: at each start: made anew → where each is to be mounted
// - `rewrite(folder, name, change)`: in place, while the container runs and looks at it
// - `isUntouched(folder)`: nobody else has changed its resolv.conf
//
//     FOLDER/hostname  FOLDER/hosts  FOLDER/resolv.conf  FOLDER/resolv.conf.hash
//
// A file that is mounted keeps its inode: it is truncated and written, never replaced. Whoever
// writes into resolv.conf (a user inside, an orchestrator outside) is right from then on: the hash
// says what was ours.

import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

export interface FileTexts {
  readonly hostname: string;
  readonly hosts: string;
  readonly 'resolv.conf': string;
}

export type FileName = keyof FileTexts;

const places: Readonly<Record<FileName, string>> = {
  'resolv.conf': '/etc/resolv.conf',
  hostname: '/etc/hostname',
  hosts: '/etc/hosts',
};

/** The files of another container, or one's own that are there. */
export function filesIn(folder: string): ReadonlyMap<string, string> {
  return new Map(Object.entries(places).map(([name, target]) => [target, `${folder}/${name}`]));
}

export function writeFiles(folder: string, texts: FileTexts): ReadonlyMap<string, string> {
  mkdirSync(folder, { recursive: true, mode: 0o710 });
  for (const [name, text] of Object.entries(texts)) writeOne(`${folder}/${name}`, text);
  writeOne(`${folder}/resolv.conf.hash`, hashOf(texts['resolv.conf']));
  return filesIn(folder);
}

/** Everybody in the container may read it, whatever the daemon's umask. */
function writeOne(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o644);
}

export function rewrite(folder: string, name: FileName, change: (text: string) => string): void {
  const path = `${folder}/${name}`;
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  if (after === before) return;
  writeOne(path, after);
  if (name === 'resolv.conf') writeOne(`${path}.hash`, hashOf(after));
}

export function isUntouched(folder: string): boolean {
  const text = readFileSync(`${folder}/resolv.conf`, 'utf8');
  return readFileSync(`${folder}/resolv.conf.hash`, 'utf8') === hashOf(text);
}

function hashOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
