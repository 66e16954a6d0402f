// What a new container has in its root before it ever starts: its working directory, and in its new
// volumes what the image has there.
//
// - `prepareFiles(containers, container)`: makes both; nothing where neither is wanted
//
// Nobody is in it yet, so a name that was looked at stays what it is; still no link leads out.

import { fstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { openInRoot, SyscallError, type OpenDescriptor } from '@slipway/native';
import { invalid } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import type { ContainerRecord } from '../record/record.ts';

type NewContainer = Pick<ContainerRecord, 'id' | 'config' | 'mounts'>;

/** @throws INVALID for a file in the way */
export async function prepareFiles(
  { needs }: Pick<Containers, 'needs'>,
  { id, config: { WorkingDir: folder }, mounts }: NewContainer,
): Promise<void> {
  const hasFolder = folder !== '' && folder !== '/';
  if (!hasFolder && !mounts.some(({ type, noCopy }) => type === 'volume' && !noCopy)) return;
  using tree = await needs.layers.open(id);
  if (hasFolder) makeWorkingDirectory(tree.descriptor, folder);
  await needs.volumes.populate({ id, mounts }, tree.descriptor);
}

function makeWorkingDirectory(root: number, folder: string): void {
  using made = makeFolder(root, folder);
  if (fstatSync(made.descriptor).isDirectory()) return;
  throw invalid(`Cannot mkdir: ${folder} is not a directory`);
}

/** What is there stays, whatever it is. */
function makeFolder(root: number, path: string): OpenDescriptor {
  try {
    return openInRoot(root, path);
  } catch (error) {
    if (!(error instanceof SyscallError) || path === '/') throw error;
    if (error.code === 'ENOTDIR') throw invalid(`mkdir ${path}: not a directory`);
    if (error.code !== 'ENOENT') throw error;
  }
  using parent = makeFolder(root, dirname(path));
  mkdirSync(`/proc/self/fd/${parent.descriptor}/${path.slice(path.lastIndexOf('/') + 1)}`, 0o755);
  return openInRoot(root, path);
}
