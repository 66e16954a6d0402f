// Files of a container become ours.
//
// - `copyOut(context, copied)`   @throws Failure
//
// What the container calls its files decides nothing about where they go: they are made beneath the
// folder that was named, through no link, and are ours. A folder of ours gives way to no file.

import { closeSync, constants, existsSync, openSync, statSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { byteNameOf, type ByteName } from '@slipway/native';
import type { Context } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { kindsBeneath } from '../../../daemon/containers/files/kinds.ts';
import { extractArchive } from '../../../libcontainer/layers.ts';
import { tellCopied } from './told.ts';
import {
  destination,
  insideOf,
  splitPath,
  statInside,
  type Copied,
  type Target,
} from './places.ts';

export async function copyOut(context: Context, copied: Copied): Promise<void> {
  const { api, out } = context;
  const { container, target } = copied;
  const path = copied.followLink === true ? await followed(context, copied) : copied.source;
  if (target === '-' && out.isTTY) {
    throw new Failure('refusing to write a tar archive to a terminal: redirect it');
  }
  if (target !== '-') validate(target);
  const answer = await api.stream({ path: `/containers/${container}/archive`, query: { path } });
  if (target === '-') {
    await pipeline(answer, out, { end: false });
    return;
  }
  const { isFolder } = insideOf(String(answer.headers['x-docker-container-path-stat'] ?? ''));
  const asked = splitPath(copied.source).name;
  const { folder, name } = destination(isFolder, targetOf(target));
  const bytes = { count: 0 };
  const counted = answer.on('data', (piece: Buffer) => (bytes.count += piece.length));
  await unpack(counted, folder, name ?? (path === copied.source ? undefined : asked));
  tellCopied(context, copied, bytes.count, target);
}

async function followed({ api }: Context, { container, source }: Copied): Promise<string> {
  const found = await statInside(api, container, source);
  const { linkTarget } = found ?? {};
  if (linkTarget === undefined) return source;
  return posix.isAbsolute(linkTarget) ? linkTarget : posix.join(posix.dirname(source), linkTarget);
}

function validate(path: string): void {
  const folder = posix.dirname(posix.normalize(path));
  if (folder !== '.' && !existsSync(folder)) {
    throw new Failure(`invalid output path: directory "${folder}" does not exist`);
  }
  const there = statSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isDirectory() && !there.isFile()) {
    throw new Failure(`invalid output path: "${path}" must be a directory or a regular file`);
  }
}

function targetOf(path: string): Target {
  const there = statSync(path, { throwIfNoEntry: false });
  return { path, isThere: there !== undefined, isFolder: there?.isDirectory() ?? false };
}

async function unpack(
  archive: AsyncIterable<Buffer>,
  folder: string,
  name: string | undefined,
): Promise<void> {
  const root = openSync(resolve(folder), constants.O_RDONLY | constants.O_DIRECTORY);
  const refuse = kindsBeneath(root, resolve(folder));
  try {
    await extractArchive(archive, root, {
      owner: { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 },
      check: (path, { kind }) => refuse(path, kind === 'folder'),
      ...(name !== undefined && { nameOf: (old: ByteName) => rebased(old, name) }),
    });
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error));
  } finally {
    closeSync(root);
  }
}

/** The first of its names becomes another. */
function rebased(path: ByteName, name: string): ByteName {
  const [, rest = ''] = /^(?:\.\/)?[^/]*(\/.*)?$/s.exec(path) ?? [];
  return `${byteNameOf(name)}${rest}`;
}
