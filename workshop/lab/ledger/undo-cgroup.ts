/**
 * Removing a control group that an owner left behind, with the groups and processes in it.
 *
 * - removeControlGroup(folder)    `done`, or `absent` when there is none
 *
 * A group can be removed only when it is empty, and three things stand in the way: processes (they
 * are killed), a freezer (a frozen process of cgroup v1 takes no signal: thaw first), and the
 * kernel, which still counts a dead process for a moment and answers EBUSY: asked again, not given
 * up.
 * Sources: cgroups(7); Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst.
 */
import { existsSync, readFileSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isInside, readMountinfo } from '../proc/mountinfo.ts';
import type { Undone } from './things.ts';

export async function removeControlGroup(folder: string): Promise<Undone> {
  if (!existsSync(folder)) return 'absent';
  const mounted = readMountinfo().some(
    m => /^cgroup2?$/.test(m.type) && isInside(folder, m.mountPoint),
  );
  if (!mounted)
    throw new Error(`${folder} is left alone: it is not a group of a mounted hierarchy`);
  // Children first: a group that has one cannot be removed.
  for (const name of readdirSync(folder))
    if (statSync(join(folder, name)).isDirectory()) await removeControlGroup(join(folder, name));
  await emptied(folder);
  removeHome(dirname(folder));
  return 'done';
}

/** The home that our groups share goes with the last one; rmdir(2) refuses while there is one. */
function removeHome(home: string): void {
  if (basename(home) !== 'slipway') return;
  try {
    rmdirSync(home);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EBUSY' && code !== 'ENOENT') throw cause;
  }
}

async function emptied(folder: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    thaw(folder);
    killAll(folder);
    try {
      rmdirSync(folder);
      return;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || attempt === 100)
        throw new Error(`${folder} cannot be removed (${code}): see its cgroup.procs`, { cause });
      await sleep(Math.min(attempt, 20));
    }
  }
}

function thaw(folder: string): void {
  writeIfThere(join(folder, 'freezer.state'), 'THAWED');
  writeIfThere(join(folder, 'cgroup.freeze'), '0');
}

function killAll(folder: string): void {
  for (const pid of pidsIn(folder)) {
    if (pid === process.pid) throw new Error(`${folder} is left alone: this process is in it`);
    try {
      process.kill(pid, 'SIGKILL');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
    }
  }
}

function pidsIn(folder: string): number[] {
  const file = join(folder, 'cgroup.procs');
  if (!existsSync(file)) return [];
  // A pid of 0 is a process of a pid namespace that we cannot see into.
  return readFileSync(file, 'utf8')
    .split('\n')
    .map(Number)
    .filter(pid => pid > 0);
}

function writeIfThere(file: string, text: string): void {
  if (existsSync(file)) writeFileSync(file, text);
}
