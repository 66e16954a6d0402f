// Files of a container as an archive: `cp` out of it, and the whole of it.
//
// - `archiveJob`: { reference, path } → what it is, and its tar
// - `archiveStatJob`: { reference, path } → what it is
// - `exportJob`: { reference } → the tar of its root, without its volumes
//
// The job is done when the archive begins; files stay open until its reader has done with it.

import { SyscallError } from '@slipway/native';
import { jobType } from '../../../engine/job.ts';
import { notFound, type Refusal } from '../../../engine/refusal.ts';
import { breathing } from '../../../graph/archives/breathing.ts';
import { exportTree } from '../../../graph/containers-layers.ts';
import type { Containers } from '../core/containers.ts';
import { openFiles } from './open.ts';
import { packPlace } from './pack.ts';
import { findPlace, type Place } from './place.ts';
import { statOf, type PathStat } from './stat.ts';

export interface PathRequest {
  readonly reference: string;
  readonly path: string;
}

export interface Archive {
  readonly stat: PathStat;
  readonly pieces: AsyncIterable<Buffer>;
}

export const archiveJob = jobType<PathRequest, Archive>('archive');
export const archiveStatJob = jobType<PathRequest, PathStat>('archive_stat');
export const exportJob = jobType<{ readonly reference: string }, AsyncIterable<Buffer>>('export');

export async function archiveStat(
  containers: Containers,
  { reference, path }: PathRequest,
): Promise<PathStat> {
  const { id } = containers.find(reference);
  await using files = await openFiles(containers, id, 'inside');
  using place = existing(files.descriptor, path, reference);
  return statOf(place, path);
}

export async function archive(
  containers: Containers,
  { reference, path }: PathRequest,
): Promise<Archive> {
  const record = containers.find(reference);
  await using opening = new AsyncDisposableStack();
  const files = opening.use(await openFiles(containers, record.id, 'inside'));
  const place = opening.use(existing(files.descriptor, path, reference));
  containers.tell(record, 'archive-path');
  const pieces = packed(place, () => absent(path, reference));
  const held = opening.move();
  return { stat: statOf(place, path), pieces: until(pieces, held) };
}

function existing(root: number, path: string, reference: string): Place {
  const place = findPlace(root, path);
  if (place !== undefined) return place;
  throw absent(path, reference);
}

function absent(path: string, reference: string): Refusal {
  return notFound(`Could not find the file ${path} in container ${reference}`);
}

/** A container that runs may take away what has just been found. */
function packed(place: Place, refusal: () => Refusal): Iterable<Buffer> {
  try {
    return packPlace(place, place.name);
  } catch (error) {
    const isGone =
      error instanceof SyscallError && ['ENOENT', 'ELOOP', 'ENOTDIR'].includes(error.code);
    throw isGone ? refusal() : error;
  }
}

/** Frees what it needs when the last piece has been taken, or nobody takes any more. */
async function* until(pieces: Iterable<Buffer>, held: AsyncDisposable): AsyncGenerator<Buffer> {
  await using holding = new AsyncDisposableStack();
  holding.use(held);
  yield* breathing(pieces);
}

export async function exportContainer(
  containers: Containers,
  reference: string,
): Promise<AsyncIterable<Buffer>> {
  const record = containers.find(reference);
  const files = await openFiles(containers, record.id, 'layer');
  containers.tell(record, 'export');
  return exported(files);
}

async function* exported(files: AsyncDisposable & { readonly descriptor: number }) {
  await using held = files;
  yield* exportTree(held.descriptor);
}
