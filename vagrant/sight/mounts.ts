/**
 * Mounts as a learner makes them, in the machine's own table.
 *
 * - mountAt(path)          the newest mount at exactly this path, or undefined
 * - layersOf(mount)        the folders of an overlay, the uppermost first; the writable one is the
 *                          first
 * - isWhiteout(path)       a character device with the number 0:0
 */
import { lstatSync, realpathSync } from 'node:fs';
import { type MountEntry, readMountinfo } from '@slipway/lab/proc/mountinfo.ts';

export function mountAt(path: string, pid: number | 'self' = 'self'): MountEntry | undefined {
  const real = realOf(path);
  return readMountinfo(pid).findLast(mount => mount.mountPoint === real);
}

/** A learner's home may be reached through a link; the table has the real path. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

export function layersOf({ superOptions }: MountEntry): readonly string[] {
  const value = (name: string): readonly string[] =>
    superOptions.split(',').flatMap(option => {
      const [key = '', ...rest] = option.split('=');
      return key === name ? rest.join('=').split(':') : [];
    });
  return [...value('upperdir'), ...value('lowerdir'), ...value('lowerdir+')];
}

export function isWhiteout(path: string): boolean {
  try {
    const stat = lstatSync(path);
    return stat.isCharacterDevice() && stat.rdev === 0;
  } catch {
    return false;
  }
}
