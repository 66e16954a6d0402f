// Made from ../../store/fill.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Copy-up: what an image has at a volume's target becomes the volume's first content.
//
// - `fillIfEmpty(volume, content)`: only an empty volume, and all of it or nothing;
//   and what somebody began who was killed is brought to its end
// - `fillFolder(folder, content)`: the same straight into an empty folder, a part of a
//   volume or what is mounted in its place; what fails leaves it empty
//
//     NAME/_data          empty
//     NAME/_filling       the copy, in the making: what is left of it is thrown away
//     NAME/_filled        the copy, complete: what is left of it still moves into _data
//
// rename(2) of the folder is the moment from which all of it is there. `_data` itself
// stays the folder that it is: a container that runs may have it mounted, and would go
// on seeing the old one if another took its place.
// The caller is the only one who fills it.

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { openFolder } from '../../store/claim.ts';
import { copyFolder, copyTree } from '../../store/copy-tree.ts';

/** What of `content` could not be copied; empty where there was nothing to do, too. */
export function fillIfEmpty(
  volume: number,
  content: number | undefined,
): readonly string[] {
  const folder = `/proc/self/fd/${volume}`;
  finish(folder);
  if (content === undefined) return [];
  // YOUR PART only-when-empty: The volume may hold the data of years: then the image's
  // own files must not touch it. Only a volume without anything in it is filled.
  void readdirSync;
  const filling = `${folder}/_filling`;
  rmSync(filling, { recursive: true, force: true });
  mkdirSync(filling, { mode: 0o700 });
  using place = openFolder(filling);
  if (place === undefined) return [];
  const left = copyTree(content, place.descriptor);
  renameSync(filling, `${folder}/_filled`);
  finish(folder);
  return left;
}

/** Nobody can rename into another file system: here a kill leaves what was copied. */
export function fillFolder(folder: number, content: number): readonly string[] {
  const path = `/proc/self/fd/${folder}`;
  const isFolder = fstatSync(folder).isDirectory();
  if (!isFolder || readdirSync(path).length > 0) return [];
  const place = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return copyTree(content, place);
  } catch (error) {
    for (const name of readdirSync(path)) {
      rmSync(`${path}/${name}`, { recursive: true, force: true });
    }
    throw error;
  } finally {
    closeSync(place);
  }
}

function finish(folder: string): void {
  const [from, to] = [`${folder}/_filled`, `${folder}/_data`];
  if (!existsSync(from)) return;
  using filled = openFolder(from);
  using data = openFolder(to);
  if (filled === undefined || data === undefined) return;
  copyFolder(filled.descriptor, data.descriptor, () => {
    for (const name of readdirSync(from))
      renameSync(`${from}/${name}`, `${to}/${name}`);
  });
  rmdirSync(from);
}
// As made: 2a9718f4
