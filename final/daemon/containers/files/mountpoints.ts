// A name at which something is mounted gives way to nothing: unlink(2), from outside of the
// container's mount namespace, would take the mount away from the container, too.
//
// - `mountsBeneath(folder, shown, targets)`: → `refuse(path, isFolder)` for each entry of an
//   archive; @throws INVALID in the words of unlinkat(2)
//
// Only names that a target has are looked at: an archive has many, and a container few mounts.

import { closeSync, readFileSync } from 'node:fs';
import { basename, posix } from 'node:path';
import { byteNameOf, openBeneath, shownName, SyscallError, type ByteName } from '@slipway/native';
import { invalid } from '../../../engine/refusal.ts';
import type { RefuseKind } from './kinds.ts';

const justAPath = 0o10000000;

/** @param shown how the folder is called */
export function mountsBeneath(
  folder: number,
  shown: string,
  targets: readonly string[],
): RefuseKind {
  const names = new Set(targets.map(target => byteNameOf(basename(target))));
  return (path, isFolder) => {
    const slash = Math.max(path.lastIndexOf('/'), 0);
    if (isFolder || !names.has(path.slice(slash).replace('/', ''))) return;
    const there = mountIn(folder, path);
    if (there === undefined || there === mountIn(folder, path.slice(0, slash))) return;
    throw invalid(`unlinkat ${posix.join(shown, shownName(path))}: device or resource busy`);
  };
}

/** The number of the mount that `path` lies on; undefined if it is not there, or a link. */
function mountIn(folder: number, path: ByteName): string | undefined {
  if (path === '') return mountOf(folder);
  try {
    const descriptor = openBeneath(folder, path, justAPath);
    try {
      return mountOf(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
}

function mountOf(descriptor: number): string | undefined {
  const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
  return /^mnt_id:\s*(\d+)$/m.exec(info)?.[1];
}
