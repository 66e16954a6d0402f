// Whether a source can pass mounts on: propagation needs a mount that is shared.
//
// - `refuseUnshared(descriptor, request)`: Docker's two refusals
//
// A slave hears of what its master's peers mount, a shared one tells them as well. If
// the source lies on a private mount there is nobody to hear or tell, and the option
// would silently do nothing. Sources: mount_namespaces(7), proc_pid_fdinfo(5).

import { readFileSync } from 'node:fs';
import { readMountinfo, type MountEntry } from '@slipway/lab/proc/mountinfo.ts';
import { refuse, type BindRequest } from '../wish/mount-request.ts';

/** undefined if it is of another mount namespace. */
function mountOf(descriptor: number): MountEntry | undefined {
  const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
  const id = Number(/^mnt_id:\s*(\d+)$/m.exec(info)?.[1]);
  return readMountinfo().find(one => one.id === id);
}

/** @throws UsageError if the propagation that is asked for would do nothing */
export function refuseUnshared(descriptor: number, request: BindRequest): void {
  const { spread, asked, source } = request;
  if (spread.kind === 'private') return;
  const mount = mountOf(descriptor);
  const fields = mount?.propagation ?? [];
  const shared = fields.some(one => one.startsWith('shared:'));
  const slave = fields.some(one => one.startsWith('master:'));
  if (shared || (slave && spread.kind === 'slave')) return;
  const where = mount?.mountPoint ?? 'a mount of another namespace';
  refuse(
    asked,
    `${source} lies on ${where}, which is not shared, so nothing is passed on: ` +
      `mount --make-shared ${where}`,
  );
}
