/**
 * What a unit's restore is made of. Each may be asked for again, and for what is not there.
 *
 * - endMarked(name, value, first?)   ends all processes that have NAME=value in their environment
 * - uncoverProcesses()     takes away what is mounted over the machine's /proc
 * - removeGroup(path)        a control group, with the processes in it
 * - removeLink(name)         a network link
 * - unmountBelow(path)       everything mounted at a path or below, newest first
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mountsBelow, readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import type { ProcessFacts } from '@slipway/lab/proc/processes.ts';
import { markedBy, tableIsOurs } from '../sight/marked.ts';

/** How long a process may take to end, or to put its own things away. */
const patienceMs = 10_000;

/**
 * Those of `first` a little earlier: a runtime whose application has ended puts its things away by
 * itself, when it is given the time.
 */
export async function endMarked(
  name: string,
  value: string,
  first?: (one: ProcessFacts) => boolean,
): Promise<void> {
  if (first !== undefined) {
    markedBy(name, value).filter(first).forEach(end);
    const deadline = performance.now() + patienceMs;
    while (markedBy(name, value).length > 0 && performance.now() < deadline) await sleep(50);
  }
  await until(`the processes with ${name}=${value} do not end`, () => {
    const all = markedBy(name, value);
    all.forEach(end);
    return all.length === 0;
  });
}

function end({ pid }: Pick<ProcessFacts, 'pid'>): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause;
  }
}

export async function removeGroup(path: string): Promise<void> {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeGroup(join(path, entry.name));
  }
  await until(`the group ${path} does not go`, () => {
    const pids = readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
    for (const pid of pids) end({ pid: Number(pid) });
    try {
      rmdirSync(path);
    } catch {
      // Busy for a moment after its last process.
    }
    return !existsSync(path);
  });
}

export function removeLink(name: string): void {
  if (existsSync(`/sys/class/net/${name}`)) spawnSync('ip', ['link', 'delete', name]);
}

/** Before anybody is ended: in another /proc the numbers are those of others. */
export async function uncoverProcesses(): Promise<void> {
  await until('another /proc is mounted over that of this machine, and does not go', () => {
    if (tableIsOurs()) return true;
    if (spawnSync('umount', ['/proc']).status !== 0) spawnSync('umount', ['--lazy', '/proc']);
    return tableIsOurs();
  });
}

export async function unmountBelow(path: string): Promise<void> {
  await until(`what is mounted at ${path} does not go`, () => {
    const [newest] = mountsBelow(readMountinfo(), path);
    if (newest === undefined) return true;
    const plain = spawnSync('umount', [newest.mountPoint]);
    if (plain.status !== 0) spawnSync('umount', ['--lazy', newest.mountPoint]);
    return mountsBelow(readMountinfo(), path).length === 0;
  });
}

async function until(failure: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(failure);
    await sleep(20);
  }
}
