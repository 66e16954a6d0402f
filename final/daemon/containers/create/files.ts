// What a new container has in its root before it ever starts: its working directory, and in its new
// volumes what the image has there.
//
// - `prepareFiles(containers, container)`: makes both; nothing where neither is wanted
//
// Nobody is in it yet, so a name that was looked at stays what it is; still no link leads out.

import { fstatSync, lstatSync, mkdirSync, readlinkSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { openInRoot, SyscallError, type OpenDescriptor } from '@slipway/native';
import { invalid } from '../../../engine/refusal.ts';
import type { LayersFolders } from '../../../graph/containers-layers.ts';
import type { Containers } from '../core/containers.ts';
import type { ContainerRecord } from '../record/record.ts';

type NewContainer = Pick<ContainerRecord, 'id' | 'config' | 'mounts'>;

/** @throws INVALID for a file in the way */
export async function prepareFiles(
  containers: Containers,
  { id, config: { WorkingDir: folder }, mounts }: NewContainer,
): Promise<void> {
  const hasFolder = folder !== '' && folder !== '/';
  const { layers, volumes } = containers.needs;
  const found = layers.folders(id);
  const isAbout = ({ type, noCopy, destination }: NewContainer['mounts'][number]): boolean =>
    type === 'volume' && !noCopy && mayHave(found, destination);
  if (!hasFolder && !mounts.some(isAbout)) return;
  const shared = containers.live(id).tree;
  await using opening = new AsyncDisposableStack();
  const tree = opening.use(await shared.acquire(() => layers.open(id)));
  if (hasFolder) makeWorkingDirectory(tree.own, folder);
  await volumes.populate({ id, mounts }, tree.own);
  opening.move();
  shared.keep(tree);
}

/** A name at the top that no layer has is not in the root, and to mount that takes its time. */
function mayHave(folders: LayersFolders | undefined, target: string): boolean {
  const [, top = ''] = target.split('/');
  if (folders === undefined) return true;
  const layers = [...folders.lower, folders.upper];
  return layers.some(layer => lstatSync(join(layer, top), { throwIfNoEntry: false }) !== undefined);
}

function makeWorkingDirectory(root: number, folder: string): void {
  using made = makeFolder(root, folder);
  if (fstatSync(made.descriptor).isDirectory()) return;
  throw invalid(`Cannot mkdir: ${folder} is not a directory`);
}

/** The kernel's own number of links on the way (MAXSYMLINKS). */
const mostLinks = 40;

/** What is there stays, whatever it is; a link that leads nowhere yet leads to it then. */
function makeFolder(root: number, path: string, links = mostLinks): OpenDescriptor {
  try {
    return openInRoot(root, path);
  } catch (error) {
    if (!(error instanceof SyscallError) || path === '/') throw error;
    if (error.code === 'ENOTDIR') throw invalid(`mkdir ${path}: not a directory`);
    if (error.code === 'ELOOP') throw invalid(`mkdir ${path}: too many levels of symbolic links`);
    if (error.code !== 'ENOENT') throw error;
  }
  const name = path.slice(path.lastIndexOf('/') + 1);
  using parent = makeFolder(root, dirname(path), links);
  const place = `/proc/self/fd/${parent.descriptor}/${name}`;
  const target = linkAt(place);
  if (target === undefined) mkdirSync(place, 0o755);
  else if (links === 0) throw invalid(`mkdir ${path}: too many levels of symbolic links`);
  else
    return makeFolder(root, isAbsolute(target) ? target : `${dirname(path)}/${target}`, links - 1);
  return openInRoot(root, path);
}

function linkAt(place: string): string | undefined {
  const found = lstatSync(place, { throwIfNoEntry: false });
  return found?.isSymbolicLink() === true ? readlinkSync(place) : undefined;
}
