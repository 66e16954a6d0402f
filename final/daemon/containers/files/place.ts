// A path that a caller names, found inside a container's files.
//
// - `findPlace(root, path)`: the folder that it is in, its name there, and what it is
//
//     /data/a      the name `a` in /data, a link not followed
//     /data/       the folder itself, a link followed; its name is `data`
//     /data/.      the same; its name is `.`
//
// No link and no `..` leads out: the kernel resolves all of it with `root` as the root. Source:
// openat2(2), RESOLVE_IN_ROOT.

import { closeSync, constants } from 'node:fs';
import {
  byteNameOf,
  describeFolder,
  listFolder,
  openBeneath,
  SyscallError,
  type ByteName,
  type FileEntry,
} from '@slipway/native';
import { invalid } from '../../../engine/refusal.ts';

export interface Place extends Disposable {
  /** Of the folder: the one that it is in, or it itself. */
  readonly folder: number;
  /** In that folder; empty if it is the folder. */
  readonly path: ByteName;
  /** As it is to be called. */
  readonly name: ByteName;
  readonly entry: FileEntry;
}

/** O_PATH of open(2), which Node does not name. */
const pathOnly = 0o10000000;

/** Undefined if it is not there. @throws INVALID for no path, or `name/` of what is no folder */
export function findPlace(root: number, path: string): Place | undefined {
  if (path === '' || path.includes('\0')) throw invalid('bad parameter: path cannot be empty');
  const parts = path.split('/').filter(part => part !== '');
  const isFolder = path.endsWith('/') || parts.at(-1) === '.' || parts.at(-1) === '..';
  try {
    return isFolder || parts.length === 0
      ? folderItself(root, parts)
      : inFolder(root, parts.slice(0, -1), parts.at(-1) ?? '');
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    if (error.code === 'ENOENT') return undefined;
    if (error.code !== 'ENOTDIR') {
      throw invalid(`lstat ${path.slice(0, 200)}: ${error.code}`, { cause: error });
    }
    const isThere = exists(root, parts);
    if (isThere) throw invalid(`lstat ${path}: not a directory`, { cause: error });
    return undefined;
  }
}

function folderItself(root: number, parts: readonly string[]): Place {
  const folder = openFolder(root, parts);
  const name = parts.at(-1) ?? '.';
  return place(folder, () => ({
    path: '',
    name: byteNameOf(name === '..' ? '.' : name),
    entry: describeFolder(folder, ''),
  }));
}

function inFolder(root: number, above: readonly string[], last: string): Place | undefined {
  const folder = openFolder(root, above);
  const path = byteNameOf(last);
  const entry = listFolder(folder, '').find(({ name }) => name === path);
  if (entry !== undefined) return place(folder, () => ({ path, name: path, entry }));
  closeSync(folder);
  return undefined;
}

function place(folder: number, describe: () => Omit<Place, 'folder' | keyof Disposable>): Place {
  try {
    return { folder, ...describe(), [Symbol.dispose]: () => closeSync(folder) };
  } catch (error) {
    closeSync(folder);
    throw error;
  }
}

function openFolder(root: number, parts: readonly string[]): number {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK;
  const path = parts.length === 0 ? '.' : parts.join('/');
  return openBeneath(root, byteNameOf(path), flags, { follow: true });
}

function exists(root: number, parts: readonly string[]): boolean {
  try {
    closeSync(openBeneath(root, byteNameOf(parts.join('/')), pathOnly, { follow: true }));
    return true;
  } catch {
    return false;
  }
}
