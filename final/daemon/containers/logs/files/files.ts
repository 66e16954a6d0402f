// The files of one log: the current one, and those that it was rotated into.
//
//     <id>-json.log.2   <id>-json.log.1   <id>-json.log      the oldest first
//
// - `LogPlace`: where it is
// - `openFiles(place)`: those that there are, open, the oldest first
// - `openCurrent(place)`: the one that is written to; undefined if there is none
//
// A file keeps its contents under whatever name rotation gives it, so a reader holds descriptors.

import { constants } from 'node:fs';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

export interface LogPlace {
  readonly folder: string;
  readonly file: string;
}

/** A rotation in the middle of it gives the files other names: then once more. */
const attempts = 8;

export async function openFiles(place: LogPlace): Promise<FileHandle[]> {
  for (let attempt = 1; ; attempt += 1) {
    const handles = await openOnce(place);
    if (attempt === attempts || (await isCurrent(place, handles.at(-1)))) return handles;
    await Promise.all(handles.map(handle => handle.close()));
  }
}

/** The current one first: if it is the same afterwards, the names in between were true. */
async function openOnce(place: LogPlace): Promise<FileHandle[]> {
  const { folder, file } = place;
  const current = await openCurrent(place);
  const names = await namesIn(folder);
  const rotated = names.flatMap(name => {
    const number = name.startsWith(`${file}.`) ? name.slice(file.length + 1) : '';
    return /^[1-9]\d{0,3}$/.test(number) ? [Number(number)] : [];
  });
  const handles: FileHandle[] = [];
  for (const number of rotated.toSorted((a, b) => b - a)) {
    const handle = await openIfThere(join(folder, `${file}.${number}`));
    if (handle !== undefined) handles.push(handle);
  }
  return current === undefined ? handles : [...handles, current];
}

async function isCurrent(place: LogPlace, last: FileHandle | undefined): Promise<boolean> {
  const now = await openCurrent(place);
  if (now === undefined || last === undefined) {
    await now?.close();
    return now === last;
  }
  const [{ ino: here }, { ino: there }] = [await last.stat(), await now.stat()];
  await now.close();
  return here === there;
}

export async function openCurrent({ folder, file }: LogPlace): Promise<FileHandle | undefined> {
  return openIfThere(join(folder, file));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    // One that is no file, as a pipe, would not even let itself be opened.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    return undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
