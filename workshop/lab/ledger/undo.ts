/**
 * How each kind of thing is undone. Every function answers `done`, or `absent` when there was
 * nothing to undo (so all of it can be repeated), and throws with the reason when it could not.
 *
 * Invariant: nothing outside the recorded target is touched. A folder is emptied of mounts before
 * it is removed, its removal never follows a symbolic link and never crosses into another file
 * system (`rm --one-file-system`, which walks by descriptors); a path that now leads elsewhere is
 * refused.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mountsBelow, readMountinfo } from '../proc/mountinfo.ts';
import { isRunning } from '../proc/processes.ts';
import { removeControlGroup } from './undo-cgroup.ts';
import { endAll, markedProcesses } from './undo-process.ts';
import { mountDepth, pathRefusal, type Thing, type Undone } from './things.ts';

export async function undo(thing: Thing): Promise<Undone> {
  switch (thing.kind) {
    case 'directory':
      return removeDirectory(thing.target);
    case 'file':
      return removeFile(thing.target);
    case 'mount':
      return unmount(thing.target, thing.depth);
    case 'cgroup':
      refuseMovedPath(thing.target);
      return removeControlGroup(thing.target);
    case 'link':
      if (!existsSync(`/sys/class/net/${thing.target}`)) return 'absent';
      return run('ip', 'link', 'delete', thing.target);
    case 'netns':
      return removeNetworkNamespace(thing.target, thing.first === true);
    case 'nft-table':
      return removeTable(thing.target);
    case 'process': {
      const identity = { pid: Number(thing.target), started: thing.started };
      return endAll(isRunning(identity) ? [identity] : []);
    }
    case 'marked-processes':
      return endAll(markedProcesses(thing.target));
    case 'loop':
      return detachLoop(thing.target);
    case 'sysctl':
      return restoreSysctl(thing.target, thing.previous);
  }
}

/** Whether there is anything to undo: what a dry run reports. */
export function exists(thing: Thing): boolean {
  switch (thing.kind) {
    case 'directory':
    case 'file':
    case 'cgroup':
      return lstatSync(thing.target, { throwIfNoEntry: false }) !== undefined;
    case 'mount':
      return mountDepth(thing.target) > thing.depth;
    case 'link':
      return existsSync(`/sys/class/net/${thing.target}`);
    case 'netns':
      return existsSync(`/run/netns/${thing.target}`);
    case 'nft-table':
      return tables().includes(thing.target);
    case 'process':
      return isRunning({ pid: Number(thing.target), started: thing.started });
    case 'marked-processes':
      return markedProcesses(thing.target).length > 0;
    case 'loop':
      return loopsOf(thing.target).length > 0;
    case 'sysctl':
      return readSysctl(thing.target) !== thing.previous;
  }
}

function run(tool: string, ...args: string[]): Undone {
  const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  execFileSync(tool, args, { stdio: 'pipe', env: { ...process.env, PATH, LC_ALL: 'C' } });
  return 'done';
}

/** The folders on the way may have been replaced since the record was written. */
function refuseMovedPath(target: string): void {
  const why = pathRefusal(target);
  if (why !== undefined) throw new Error(`${target} is left alone: ${why}`);
}

function removeDirectory(target: string): Undone {
  refuseMovedPath(target);
  const facts = lstatSync(target, { throwIfNoEntry: false });
  if (facts === undefined) return 'absent';
  if (!facts.isDirectory()) throw new Error(`${target} is left alone: it is no longer a directory`);
  for (const mount of mountsBelow(readMountinfo(), target)) detach(mount.mountPoint);
  const left = mountsBelow(readMountinfo(), target)[0];
  if (left !== undefined)
    throw new Error(`${target} is left alone: ${left.mountPoint} is still mounted`);
  return run('rm', '-rf', '--one-file-system', '--', target);
}

function removeFile(target: string): Undone {
  refuseMovedPath(target);
  const facts = lstatSync(target, { throwIfNoEntry: false });
  if (facts === undefined) return 'absent';
  if (facts.isDirectory()) throw new Error(`${target} is left alone: it is now a directory`);
  rmSync(target);
  return 'done';
}

function unmount(target: string, depth: number): Undone {
  refuseMovedPath(target);
  let undone: Undone = 'absent';
  for (let left = mountDepth(target); left > depth; left -= 1) {
    detach(target);
    undone = 'done';
  }
  return undone;
}

/** Lazily when it is busy: it then vanishes from the tree now, and for good with its last user. */
function detach(mountPoint: string): void {
  try {
    run('umount', '--no-canonicalize', mountPoint);
  } catch {
    run('umount', '--no-canonicalize', '--lazy', mountPoint);
  }
}

function removeNetworkNamespace(name: string, first: boolean): Undone {
  const found = existsSync(`/run/netns/${name}`);
  if (found) run('ip', 'netns', 'delete', name);
  // ip(8) binds the folder onto itself when it names the first one, and leaves it so.
  const empty = existsSync('/run/netns') && readdirSync('/run/netns').length === 0;
  if (first && empty && mountDepth('/run/netns') > 0) detach('/run/netns');
  return found ? 'done' : 'absent';
}

function tables(): string[] {
  const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  const listed = execFileSync('nft', ['list', 'tables'], {
    encoding: 'utf8',
    env: { ...process.env, PATH },
  });
  return listed.split('\n').map(line => line.replace(/^table /, '').trim());
}

function removeTable(target: string): Undone {
  if (!tables().includes(target)) return 'absent';
  return run('nft', 'delete', 'table', ...target.split(' '));
}

function loopsOf(backing: string): string[] {
  return readdirSync('/sys/block')
    .filter(name => name.startsWith('loop'))
    .filter(name => {
      const file = join('/sys/block', name, 'loop/backing_file');
      if (!existsSync(file)) return false;
      return (
        readFileSync(file, 'utf8')
          .trim()
          .replace(/ \(deleted\)$/, '') === backing
      );
    });
}

function detachLoop(backing: string): Undone {
  const devices = loopsOf(backing);
  for (const device of devices) run('losetup', '--detach', `/dev/${device}`);
  return devices.length > 0 ? 'done' : 'absent';
}

function sysctlFile(name: string): string {
  return `/proc/sys/${name.replaceAll('.', '/')}`;
}

function readSysctl(name: string): string | undefined {
  const file = sysctlFile(name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function restoreSysctl(name: string, previous: string): Undone {
  const now = readSysctl(name);
  if (now === undefined || now === previous) return 'absent';
  writeFileSync(sysctlFile(name), previous);
  return 'done';
}
