// What an image says about its process, and what the command line says against it.
//
// - `processOf(config, flags, argv)`: the words, the environment, the folder, the user
// - `userSteps(wanted, root)`: the ids, looked up in the image's own /etc/passwd
//
// The files of the image are opened beneath its mount, with its links followed inside:
// /etc/passwd may be a link to yours. Source: OCI image specification, config.md.

import { closeSync, constants, fstatSync, readFileSync } from 'node:fs';
import {
  byteNameOf,
  openBeneath,
  step,
  SyscallError,
  type Step,
} from '@slipway/native';
import { UsageError } from '@slipway/namespaces';
import { ownEnvironment } from '@slipway/rootfs';
import type { RunConfig } from '../images/schemas.ts';
import type { ImageFlags } from './options.ts';

export interface ImageProcess {
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly folder: string;
  /** `name`, `uid`, `name:group`, `uid:gid`, or empty for root. */
  readonly user: string;
}

type ProcessFlags = Pick<ImageFlags, 'env' | 'as' | 'workdir' | 'entrypoint'> & {
  readonly tty?: true;
};

/** @throws UsageError if nobody says what to run */
export function processOf(
  config: RunConfig,
  flags: ProcessFlags,
  argv: readonly string[],
): ImageProcess {
  const entrypoint =
    flags.entrypoint === undefined ? (config.Entrypoint ?? []) : [flags.entrypoint];
  // Words of the user take the place of Cmd; so does another entrypoint.
  const usual = flags.entrypoint === undefined ? (config.Cmd ?? []) : [];
  const words = [...entrypoint, ...(argv.length > 0 ? argv : usual)];
  if (words.length === 0) {
    throw new UsageError('the image names no command: write one after --');
  }
  const folder = flags.workdir ?? (config.WorkingDir || '/');
  if (!folder.startsWith('/')) {
    throw new UsageError(`--workdir ${folder} is no path from /`);
  }
  const env = [...ownEnvironment(flags), ...(config.Env ?? []), ...(flags.env ?? [])];
  return {
    argv: words,
    env: lastOfEach(env),
    folder,
    user: flags.as ?? config.User ?? '',
  };
}

/** A later `NAME=value` replaces an earlier one. */
function lastOfEach(entries: readonly string[]): readonly string[] {
  const byName = new Map(
    entries
      .filter(entry => entry.includes('='))
      .map(entry => [entry.slice(0, entry.indexOf('=')), entry]),
  );
  return [...byName.values()];
}

/** The last steps before exec: where it stands and who it is. */
export function lastSteps(
  { folder, user }: ImageProcess,
  root: number,
): readonly Step[] {
  const where = folder === '/' ? [] : [step.changeDirectory(folder)];
  return [...where, ...userSteps(user, root)];
}

function userSteps(wanted: string, root: number): readonly Step[] {
  if (wanted === '' || wanted === '0' || wanted === 'root') return [];
  const [who = '', group] = wanted.split(':');
  const users = linesOf(root, 'etc/passwd');
  const groups = linesOf(root, 'etc/group');
  const entry = users.find(([name, , uid]) => name === who || uid === who);
  const uid = numberOr(who, entry?.[2], `user ${who}`);
  const gid =
    group === undefined
      ? Number(entry?.[3] ?? 0)
      : numberOr(group, groups.find(([name]) => name === group)?.[2], `group ${group}`);
  const more = groups
    .filter(([, , , members = '']) => members.split(',').includes(entry?.[0] ?? ''))
    .map(([, , number]) => Number(number));
  return [
    step.setIds(uid, gid, group === undefined ? [...new Set([gid, ...more])] : [gid]),
  ];
}

function numberOr(text: string, found: string | undefined, what: string): number {
  if (found !== undefined) return Number(found);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`there is no ${what} in the image`);
}

/** Of a small file of colons; nothing if it is not there. */
function linesOf(root: number, path: string): readonly (readonly string[])[] {
  const text = readInside(root, path) ?? '';
  return text.split('\n').map(line => line.split(':'));
}

const largestTable = 4 << 20;

function readInside(root: number, path: string): string | undefined {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  let descriptor: number;
  try {
    descriptor = openBeneath(root, byteNameOf(path), flags, { follow: true });
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile() || found.size > largestTable) return undefined;
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
