// Where a program is that somebody calls by its name.
//
// - `findProgram(name, path?)`: the first file of that name in PATH, as a shell finds
//   it
//
// A name with a slash is a path already. The administrators' folders are searched last:
// the PATH of an ordinary user lacks them.

import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';

/** @throws Error naming what was searched */
export function findProgram(name: string, path = process.env['PATH'] ?? ''): string {
  const folders = [...path.split(':'), '/usr/sbin', '/sbin'];
  const candidates = name.includes('/')
    ? [resolve(name)]
    : folders
        .filter(folder => folder.startsWith('/'))
        .map(folder => `${folder}/${name}`);
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(`no program ${name}: looked for ${candidates.join(', ')}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
