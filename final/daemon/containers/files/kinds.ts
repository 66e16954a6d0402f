// A folder does not give way to a file, nor a file to a folder.
//
// - `kindsBeneath(folder, shown)`: → `refuse(path, isFolder)` for each entry of an archive, in its
//   order; @throws INVALID if the other kind is there
//
// What is there already is read once a folder, and nothing is asked about a folder that the archive
// itself has brought: mostly a name is new, and to look for what is not there is work, too.

import { listFolder, SyscallError, type ByteName } from '@slipway/native';
import { invalid } from '../../../engine/refusal.ts';

export type RefuseKind = (path: ByteName, isFolder: boolean) => void;

type Names = Map<ByteName, 'folder' | 'other'>;

/** @param shown how the folder is called */
export function kindsBeneath(folder: number, shown: string): RefuseKind {
  const known = new Map<ByteName, Names>();
  const namesIn = (path: ByteName): Names => {
    const names = known.get(path) ?? readNames(folder, path);
    known.set(path, names);
    return names;
  };
  return (path, isFolder) => {
    if (path === '') return;
    const slash = path.lastIndexOf('/');
    const names = namesIn(path.slice(0, Math.max(slash, 0)));
    const name = path.slice(slash + 1);
    const there = names.get(name);
    if (there === 'folder' && !isFolder) throw refusal(shown, path, 'directory', 'non-directory');
    if (there === 'other' && isFolder) throw refusal(shown, path, 'non-directory', 'directory');
    if (there === undefined && isFolder) known.set(path, new Map());
    names.set(name, isFolder ? 'folder' : 'other');
  };
}

function readNames(folder: number, path: ByteName): Names {
  try {
    return new Map(
      listFolder(folder, path).map(({ name, kind }) => [
        name,
        kind === 'folder' ? 'folder' : 'other',
      ]),
    );
  } catch (error) {
    // It is not there, or no folder: whoever makes the entry will see.
    if (error instanceof SyscallError) return new Map();
    throw error;
  }
}

function refusal(shown: string, path: ByteName, kept: string, wanted: string): Error {
  const whole = `${shown.replace(/\/+$/, '')}/${path}`;
  return invalid(`cannot overwrite ${kept} ${quoted(whole)} with ${wanted} ${quoted(shown)}`);
}

const quoted = (text: string): string => JSON.stringify(text);
