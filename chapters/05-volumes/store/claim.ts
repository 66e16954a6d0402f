// Who uses a volume: a claim that nobody has to give back.
//
// - `openFolder(path)`: a folder, never through a link; undefined if it is not there
// - `claim(path, kind)`: the same folder, locked; undefined if somebody else has it
// - `holders(descriptor)`: the processes that have it
//
// A container shares its volumes (flock(2), LOCK_SH), whoever removes one wants it
// alone (LOCK_EX). The lock belongs to an open file: it ends with the process that
// holds it, by whatever end, so no list of users can be out of date. Sources: flock(2),
// proc_locks(5).

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { tryLock } from '@slipway/native';

export interface OpenFolder extends Disposable {
  readonly descriptor: number;
}

export function openFolder(path: string): OpenFolder | undefined {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  try {
    const descriptor = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The claimed folder; `gone` if there is none, `taken` if somebody else has it. */
export function claim(
  path: string,
  kind: 'shared' | 'exclusive',
): OpenFolder | 'gone' | 'taken' {
  for (;;) {
    const folder = openFolder(path);
    if (folder === undefined) return 'gone';
    if (!tryLock(folder.descriptor, kind)) {
      folder[Symbol.dispose]();
      return 'taken';
    }
    // It may have been removed between the two calls, and another be there by now.
    if (isStill(path, folder)) return folder;
    folder[Symbol.dispose]();
  }
}

/** Whether `path` still leads to this folder. */
export function isStill(path: string, folder: OpenFolder): boolean {
  using now = openFolder(path);
  if (now === undefined) return false;
  const [a, b] = [fstatSync(folder.descriptor), fstatSync(now.descriptor)];
  return a.ino === b.ino && a.dev === b.dev;
}

/** The pids that have locked the folder, as far as this PID namespace shows them. */
export function holders(path: string): readonly number[] {
  using folder = openFolder(path);
  if (folder === undefined) return [];
  const { ino } = fstatSync(folder.descriptor);
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(words => words[1] === 'FLOCK' && words[5]?.endsWith(`:${ino}`))
    .map(words => Number(words[4]))
    .filter(pid => pid > 0);
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && codes.includes(String(error.code))
  );
}
