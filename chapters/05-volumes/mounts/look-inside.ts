// What stands at a target in the container's root, before anything is mounted there.
//
// - `lookInside(root, request)`: a folder, a file, or nothing yet
// - `glance(root, request)`: the same for a target below another one
//
// This is for the person who reads the refusal. What keeps a mount inside is the init,
// which resolves the target again, at the last moment, with openat2(RESOLVE_IN_ROOT): a
// link that is swapped in after this look leads it nowhere outside. Source: openat2(2).

import { closeSync, fstatSync, readlinkSync } from 'node:fs';
import {
  openBeneath,
  openInRoot,
  SyscallError,
  type OpenDescriptor,
} from '@slipway/native';
import { MisfitError, refuse, type MountRequest } from '../wish/mount-request.ts';

/** As many links as the kernel follows in one path. */
const mostLinks = 40;

/**
 * A descriptor of what the target leads to; undefined where it is still to be made.
 *
 * @throws UsageError if the target is, or lies behind, a link that leads out of the
 * root
 */
export function lookInside(
  root: number,
  { target, asked }: MountRequest,
): OpenDescriptor | undefined {
  // Mostly there is no link on the way.
  const plain = openPlain(root, target);
  if (plain !== 'link') return plain;
  const link = linkOut(root, target);
  if (link !== undefined) {
    const { path, text, why } = link;
    refuse(asked, `${path} in the root is a link to ${text}, ${why}`);
  }
  return openOptional(root, target);
}

/** O_PATH: neither read nor written, only mounted. */
export const justAPath = 0o10000000;

/** Without following any link. */
function openPlain(root: number, path: string): OpenDescriptor | 'link' | undefined {
  try {
    const descriptor = openBeneath(root, namesOf(path).join('/') || '.', justAPath);
    return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return error.code === 'ENOENT' ? undefined : 'link';
  }
}

/** The folder that the image has there, for its content alone; refuses nothing. */
export function glance(
  root: number,
  { target }: MountRequest,
): OpenDescriptor | undefined {
  try {
    return openInRoot(root, `${target}/`);
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
}

/** @throws MisfitError unless folder comes to folder, or file to file */
export function refuseMisfit(
  place: OpenDescriptor,
  folder: boolean,
  { target, asked }: MountRequest,
): void {
  const there = fstatSync(place.descriptor).isDirectory();
  if (there === folder) return;
  const [what, onto] = folder ? ['a folder', 'a file'] : ['a file', 'a folder'];
  const why = `the source is ${what} and ${target} is ${onto}: only like covers like`;
  throw new MisfitError(`${asked}: ${why}`);
}

function openOptional(root: number, path: string): OpenDescriptor | undefined {
  try {
    return openInRoot(root, path);
  } catch (error) {
    if (error instanceof SyscallError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

interface Link {
  readonly path: string;
  readonly text: string;
  readonly why: string;
}

const out = 'which leads out of it';
const nowhere = 'which leads to nothing in it';
const circle = 'which leads in a circle';

/** The link on the way to `target` that climbs above the root, or leads to nothing. */
function linkOut(root: number, target: string): Link | undefined {
  const left = namesOf(target);
  const at: string[] = [];
  let link: Link | undefined;
  /** So many of the names that are left were written in a link. */
  let written = 0;
  for (let links = 0; left.length > 0;) {
    const name = left.shift() ?? '';
    const ofLink = written > 0;
    if (ofLink) written -= 1;
    if (name === '..') {
      at.pop();
      continue;
    }
    const text = readLink(root, at, name);
    // A link into nothing: on the host the same text may lead somewhere.
    if (text === 'missing') return ofLink ? link : undefined;
    if (text === undefined) {
      at.push(name);
      continue;
    }
    const why = text.text.startsWith('/') ? out : nowhere;
    link = { path: `/${[...at, name].join('/')}`, text: text.text, why };
    links += 1;
    if (links > mostLinks) return { ...link, why: circle };
    if (climbs(text.text, at.length)) return { ...link, why: out };
    if (text.text.startsWith('/')) at.length = 0;
    const names = namesOf(text.text);
    written += names.length;
    left.unshift(...names);
  }
  return undefined;
}

/** Whether `text`, read `depth` folders below the root, goes above it. */
function climbs(text: string, depth: number): boolean {
  let height = text.startsWith('/') ? 0 : depth;
  for (const name of namesOf(text)) {
    height += name === '..' ? -1 : 1;
    if (height < 0) return true;
  }
  return false;
}

/** The text of a link; undefined for what is none. */
function readLink(
  root: number,
  at: readonly string[],
  name: string,
): { readonly text: string } | 'missing' | undefined {
  using folder = openOptional(root, `/${at.join('/')}`);
  if (folder === undefined) return 'missing';
  try {
    return { text: readlinkSync(`/proc/self/fd/${folder.descriptor}/${name}`) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'ENOENT') return 'missing';
    // EINVAL: no link. ENOTDIR: the folder is a file, and the mount will say so.
    if (error.code === 'EINVAL' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter(name => name !== '' && name !== '.');
}
