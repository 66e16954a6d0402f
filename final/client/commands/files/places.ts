// Where a copy goes, on either side: docker's rules.
//
// - `destination(source, target)`   the folder, and the name there; @throws Failure
// - `splitPath(path)`               its folder and its last name; `x/.` and `x/` are themselves
// - `statInside(api, container, path)`   of a container's file; undefined if it is not there
// - `Copied`                        what both ways are told

import { posix } from 'node:path';
import { z } from 'zod';
import { ApiFailure, Failure } from '../../failure.ts';
import type { Api } from '../../transport.ts';

export interface Copied {
  readonly container: string;
  readonly source: string;
  readonly target: string;
  readonly archive?: boolean;
  readonly followLink?: boolean;
  readonly quiet?: boolean;
}

export interface Target {
  readonly path: string;
  readonly isThere: boolean;
  readonly isFolder: boolean;
}

export interface Destination {
  readonly folder: string;
  /** Undefined: as it is called. */
  readonly name: string | undefined;
}

export function destination(isFolder: boolean, target: Target): Destination {
  const { path, isThere } = target;
  if (isThere && target.isFolder) return { folder: path, name: undefined };
  if (isThere && isFolder) throw new Failure('cannot copy directory');
  if (!isThere && !isFolder && assertsFolder(path)) throw new Failure('no such directory');
  const { folder, name } = splitPath(path);
  return { folder, name };
}

function assertsFolder(path: string): boolean {
  return path.endsWith('/') || path.endsWith('/.') || path === '.';
}

export function splitPath(path: string): { readonly folder: string; readonly name: string } {
  if (path.endsWith('/.')) return { folder: path.slice(0, -1) || '/', name: '.' };
  const clean = posix.normalize(path).replace(/(.)\/$/, '$1');
  return { folder: posix.dirname(clean), name: posix.basename(clean) };
}

const stat = z.object({ name: z.string(), mode: z.number(), linkTarget: z.string() });

export interface Inside {
  readonly isFolder: boolean;
  /** Of a symbolic link. */
  readonly linkTarget: string | undefined;
}

export async function statInside(
  api: Api,
  container: string,
  path: string,
): Promise<Inside | undefined> {
  try {
    const request = { method: 'HEAD', path: `/containers/${container}/archive` } as const;
    const answer = await api.stream({ ...request, query: { path } });
    answer.resume();
    return insideOf(String(answer.headers['x-docker-container-path-stat'] ?? ''));
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) return undefined;
    throw error;
  }
}

export function insideOf(header: string): Inside {
  const { mode, linkTarget } = stat.parse(JSON.parse(Buffer.from(header, 'base64').toString()));
  const has = (bit: number): boolean => Math.floor(mode / 2 ** bit) % 2 === 1;
  return { isFolder: has(31), linkTarget: has(27) ? linkTarget : undefined };
}
