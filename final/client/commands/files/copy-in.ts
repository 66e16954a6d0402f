// Our files become a container's.
//
// - `copyIn(context, copied)`   @throws Failure
//
// The engine finds the place inside the container's files, and lets nothing out of it. With `-a`
// they belong to the container's user.

import { closeSync, constants, openSync, realpathSync } from 'node:fs';
import { posix } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { byteNameOf } from '@slipway/native';
import type { Context } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { packPlace } from '../../../daemon/containers/files/pack.ts';
import { findPlace, type Place } from '../../../daemon/containers/files/place.ts';
import { destination, statInside, type Copied, type Target } from './places.ts';
import { tellCopied } from './told.ts';

export async function copyIn(context: Context, copied: Copied): Promise<void> {
  const { container, source } = copied;
  const target = await targetInside(context, copied);
  if (source === '-') {
    if (!target.isFolder) {
      throw new Failure(`destination "${container}:${copied.target}" must be a directory`);
    }
    await put(context, copied, target.path, process.stdin);
    return;
  }
  using place = ours(source, copied.followLink === true);
  const { folder, name } = destination(place.entry.kind === 'folder', target);
  const called = name === undefined ? place.name : byteNameOf(name);
  const archive = Readable.from(packPlace(place, called), { objectMode: false });
  const bytes = await put(context, copied, folder, archive);
  tellCopied(context, copied, bytes, `${container}:${copied.target}`);
}

async function targetInside({ api }: Context, { container, target }: Copied): Promise<Target> {
  let path = target;
  let found = await statInside(api, container, path);
  if (found?.linkTarget !== undefined) {
    const { linkTarget } = found;
    const isAbsolute = posix.isAbsolute(linkTarget);
    path = isAbsolute ? linkTarget : posix.join(posix.dirname(path), linkTarget);
    found = await statInside(api, container, path);
  }
  return { path, isThere: found !== undefined, isFolder: found?.isFolder ?? false };
}

function ours(source: string, follows: boolean): Place {
  const absolute = posix.isAbsolute(source) ? source : `${process.cwd()}/${source}`;
  const root = openSync('/', constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const place = findPlace(root, follows ? real(absolute) : absolute);
    if (place !== undefined) return place;
  } finally {
    closeSync(root);
  }
  throw new Failure(`lstat ${source}: no such file or directory`);
}

/** It keeps its own name. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

async function put(
  { api }: Context,
  { container, archive: isArchive }: Copied,
  path: string,
  archive: Readable,
): Promise<number> {
  let bytes = 0;
  const counted = new Transform({
    transform: (piece: Buffer, _, done) => {
      bytes += piece.length;
      done(null, piece);
    },
  });
  const query = { path, noOverwriteDirNonDir: 'true', copyUIDGID: isArchive };
  await api.json({
    method: 'PUT',
    path: `/containers/${container}/archive`,
    query,
    headers: { 'Content-Type': 'application/x-tar' },
    body: archive.pipe(counted),
  });
  return bytes;
}
