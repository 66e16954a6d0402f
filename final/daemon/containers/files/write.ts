// An archive becomes files in a folder of a container: `cp` into it.
//
// - `extractJob`: { reference, path, … } with the archive as its standard input
//
// Where it goes is found inside the container's files, and what comes stays beneath that folder,
// whatever its names say. A container whose root is read-only takes nothing outside its volumes.

import { readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { SyscallError } from '@slipway/native';
import { jobType, type Bytes } from '../../../engine/job.ts';
import { invalid, notFound, Refusal } from '../../../engine/refusal.ts';
import { diskFault, diskRefusal } from '../../../engine/disk-fault.ts';
import { extractArchive, LayerRefused } from '../../../libcontainer/layers.ts';
import type { Containers } from '../core/containers.ts';
import type { ContainerRecord } from '../record/record.ts';
import { readAccounts } from '../spec/accounts.ts';
import { resolveUser } from '../spec/user.ts';
import { kindsBeneath } from './kinds.ts';
import { openFiles } from './open.ts';
import { mountsBeneath } from './mountpoints.ts';
import { findPlace, type Place } from './place.ts';
import { refuseWithoutRoom } from './room.ts';

export interface ExtractRequest {
  readonly reference: string;
  readonly path: string;
  /** A folder does not give way to a file, nor a file to a folder. */
  readonly noOverwriteDirNonDir: boolean;
  /** All of it belongs to the container's user. */
  readonly copyUIDGID: boolean;
  readonly archive: Bytes;
}

export const extractJob = jobType<ExtractRequest, void>('extract');

export async function extract(containers: Containers, request: ExtractRequest): Promise<void> {
  const { reference, path, noOverwriteDirNonDir, copyUIDGID, archive } = request;
  const record = containers.find(reference);
  await using files = await openFiles(containers, record.id, 'inside');
  using place = folderAt(files.descriptor, path, reference);
  refuseReadOnly(record, whereIs(place));
  const hasUser = record.config.User !== '';
  const owner = copyUIDGID && hasUser ? ownerOf(record, files.descriptor) : undefined;
  if (!record.hostConfig.ReadonlyRootfs) refuseWithoutRoom(files.descriptor);
  const { folder } = place;
  const shown = posix.join('/', path);
  const refuseKind = kindsBeneath(folder, shown);
  const refuseMount = mountsBeneath(folder, shown, targetsOf(record));
  try {
    await extractArchive(archive, folder, {
      ...(owner && { owner }),
      check: (inside, { kind }) => {
        if (noOverwriteDirNonDir) refuseKind(inside, kind === 'folder');
        refuseMount(inside, kind === 'folder');
      },
    });
  } catch (error) {
    throw refusalOf(error, record);
  }
  containers.tell(record, 'extract-to-dir');
}

/** Where something is mounted in it. */
function targetsOf({ mounts }: ContainerRecord): readonly string[] {
  const own = ['hosts', 'hostname', 'resolv.conf'];
  return [...mounts.map(({ destination }) => destination), ...own];
}

function refusalOf(error: unknown, { hostConfig }: ContainerRecord): unknown {
  const fault = diskFault(error);
  if (fault !== undefined && fault !== 'EROFS') return diskRefusal(error);
  if (!(error instanceof LayerRefused)) return error;
  const { cause } = error;
  if (cause instanceof Refusal) return cause;
  if (cause instanceof SyscallError && cause.code === 'EROFS') {
    // A link has led there.
    return readOnly(!hostConfig.ReadonlyRootfs, cause);
  }
  return invalid(error.message.replace('the layer is', 'the archive is'), { cause });
}

function folderAt(root: number, path: string, reference: string): Place {
  const written = path.endsWith('/') ? path : `${path}/`;
  const place = findPlace(root, path);
  if (place === undefined) {
    throw notFound(`Could not find the file ${path} in container ${reference}`);
  }
  if (place.entry.kind !== 'folder' && place.entry.kind !== 'link') {
    place[Symbol.dispose]();
    throw invalid('extraction point is not a directory');
  }
  place[Symbol.dispose]();
  // Now the folder itself, its last link followed.
  const folder = findPlace(root, written);
  if (folder !== undefined) return folder;
  throw notFound(`Could not find the file ${path} in container ${reference}`);
}

/** As the container would call it: every link on the way was followed. */
function whereIs({ folder }: Place): string {
  return readlinkSync(`/proc/self/fd/${folder}`);
}

/** By the innermost volume that the path is in. @throws INVALID */
function refuseReadOnly({ hostConfig, mounts }: ContainerRecord, path: string): void {
  const whole = posix.join('/', path, '/');
  const volume = mounts
    .filter(({ destination }) => whole.startsWith(posix.join(destination, '/')))
    .toSorted((a, b) => b.destination.length - a.destination.length)[0];
  if (volume === undefined ? hostConfig.ReadonlyRootfs : !volume.readWrite) {
    throw readOnly(volume !== undefined);
  }
}

function readOnly(isVolume: boolean, cause?: Error): Refusal {
  const what = isVolume ? 'mounted volume' : 'container rootfs';
  return invalid(`${what} is marked read-only`, { cause });
}

function ownerOf(record: ContainerRecord, root: number) {
  const { uid, gid } = resolveUser(record.config.User, [], readAccounts(root));
  return { uid, gid };
}
