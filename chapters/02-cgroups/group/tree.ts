// A group's directory as a tree: making it, who is in it, taking it away.
//
// - makePath(host, base, directory): every directory between, and the last one anew
// - processesIn(host, directory): the processes in a group and in all below it
// - removeTree(host, directory): the group and all below it, deepest first
// - directoriesTo(base, directory): the ones on the way, top first
//
// A container may make groups of its own inside its own (systemd does, and so does a
// second engine), so "the group" is always the whole tree.

import { ControlGroupError, errnoOf, refused } from './errors.ts';
import type { Host } from '../hierarchies/host.ts';

/** @throws EXISTS when the last directory is there: it is somebody else's group */
export function makePath(host: Host, base: string, directory: string): void {
  // Mostly all but the last are there. Where they are not, another process may remove
  // an empty home again between two of these calls: then once more.
  for (let tries = 0; tries < 10; tries++) {
    try {
      host.makeDirectory(directory);
      return;
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw notMade(directory, error);
    }
    makeAbove(host, base, directory);
  }
  throw new ControlGroupError('GONE', `control group ${directory}: its home vanishes`);
}

function makeAbove(host: Host, base: string, directory: string): void {
  for (const above of directoriesTo(base, directory).slice(0, -1)) {
    try {
      host.makeDirectory(above);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno !== 'EEXIST' && errno !== 'ENOENT') throw notMade(above, error);
    }
  }
}

function notMade(directory: string, cause: unknown): ControlGroupError {
  const errno = errnoOf(cause) ?? '';
  if (errno !== 'EEXIST') {
    return refused(`making the control group ${directory}`, cause, makeHints[errno]);
  }
  const why = 'a group is never shared or reused: remove it, or take another name';
  const message = `control group ${directory} exists: ${why}`;
  return new ControlGroupError('EXISTS', message, { cause });
}

const makeHints: Readonly<Record<string, string>> = {
  EACCES: 'become root, or have a group delegated (systemd-run --user -p Delegate=yes)',
  EROFS: 'the hierarchy is mounted read-only here',
  EAGAIN: 'the group above allows no more groups (cgroup.max.descendants)',
  ENOMEM: 'the kernel has no room for one more group',
};

/** The directories below `base` that lead to `directory`, itself last. */
export function directoriesTo(base: string, directory: string): string[] {
  const names = directory.slice(base.length + 1).split('/');
  return names.map((_, index) => `${base}/${names.slice(0, index + 1).join('/')}`);
}

export function processesIn(host: Host, directory: string): number[] {
  const found = new Set<number>();
  for (const group of treeOf(host, directory)) {
    for (const line of readIfThere(host, `${group}/cgroup.procs`).split('\n')) {
      // 0 stands for a process that this pid namespace does not see.
      if (/^[1-9]\d*$/.test(line)) found.add(Number(line));
    }
  }
  return [...found];
}

/**
 * Removes a tree of groups without processes. `rmdir` answers EBUSY for a moment after
 * the last process has died, so it is tried again, ever less often, for about five
 * seconds; half a second is enough where processes are plainly alive.
 * @throws BUSY naming the processes that are still in it
 */
export async function removeTree(host: Host, directory: string): Promise<void> {
  // Mostly there is nothing below it, and nobody in it any more.
  if (removed(host, directory)) return;
  for (const group of treeOf(host, directory).toReversed()) {
    for (let tries = 0; !removed(host, group); tries++) {
      const pids = processesIn(host, group);
      if (tries === 60 || (tries >= 10 && pids.length > 0)) throw busy(group, pids);
      await host.pause(Math.min(2 ** tries, 100));
    }
  }
}

function busy(directory: string, pids: readonly number[]): ControlGroupError {
  const why =
    pids.length === 0
      ? 'the kernel says it is in use, but shows no process in it'
      : `end what is in it first: ${pids.join(', ')}`;
  return new ControlGroupError('BUSY', `control group ${directory} stays: ${why}`);
}

/** @returns false when the kernel says to try again */
function removed(host: Host, directory: string): boolean {
  try {
    host.removeDirectory(directory);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return true;
    if (errno === 'EBUSY') return false;
    throw refused(`removing the control group ${directory}`, error);
  }
}

/** The group and those below it, each after the one that holds it. */
function treeOf(host: Host, directory: string): string[] {
  let below: readonly string[];
  try {
    below = host.directoriesIn(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
  return [directory, ...below.flatMap(name => treeOf(host, `${directory}/${name}`))];
}

/** A group can go while its tree is walked: then nobody is in it. */
function readIfThere(host: Host, path: string): string {
  try {
    return host.read(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENODEV' || errno === 'EOPNOTSUPP') return '';
    throw error;
  }
}
