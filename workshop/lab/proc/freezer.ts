/**
 * Processes that a freezer of cgroup v1 holds: they take no signal, SIGKILL neither.
 *
 * - thawGroupOf(pid)    the frozen group that it is in goes on, with all who are in it, and those
 *                       above it: whoever stands in a frozen group is frozen
 *
 * Only for a process that is to be ended: whoever froze the group wanted it to stand still. In
 * version 2 a frozen process dies at once, and nothing has to be done.
 * Source: Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { readMountinfo } from './mountinfo.ts';

const file = 'freezer.state';

export function thawGroupOf(pid: number): void {
  const groups = `/proc/${pid}/cgroup`;
  const text = existsSync(groups) ? readFileSync(groups, 'utf8') : '';
  const path = /^\d+:(?:\w+,)*freezer(?:,\w+)*:(.*)$/m.exec(text)?.[1];
  const mount = readMountinfo().find(
    ({ type, superOptions }) => type === 'cgroup' && superOptions.split(',').includes('freezer'),
  );
  if (path === undefined || mount === undefined) return;
  let group = join(mount.mountPoint, relative(mount.root, path));
  // The root of the hierarchy has no such file: nobody can freeze all processes.
  for (; existsSync(join(group, file)); group = dirname(group)) {
    if (readFileSync(join(group, file), 'utf8') !== 'THAWED\n') {
      writeFileSync(join(group, file), 'THAWED');
    }
  }
}
