/**
 * Processes that a freezer of cgroup v1 holds: they take no signal, SIGKILL neither.
 *
 * - thawGroupOf(pid)    the frozen group that it is in goes on, with all who are in it
 *
 * Only for a process that is to be ended: whoever froze the group wanted it to stand still. In
 * version 2 a frozen process dies at once, and nothing has to be done.
 * Source: Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readMountinfo } from './mountinfo.ts';

export function thawGroupOf(pid: number): void {
  const file = `/proc/${pid}/cgroup`;
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const path = /^\d+:(?:\w+,)*freezer(?:,\w+)*:(.*)$/m.exec(text)?.[1];
  const mount = readMountinfo().find(
    ({ type, superOptions }) => type === 'cgroup' && superOptions.split(',').includes('freezer'),
  );
  if (path === undefined || mount === undefined) return;
  const state = join(mount.mountPoint, relative(mount.root, path), 'freezer.state');
  // The root of the hierarchy has no such file: nobody can freeze all processes.
  if (existsSync(state) && readFileSync(state, 'utf8') !== 'THAWED\n') {
    writeFileSync(state, 'THAWED');
  }
}
