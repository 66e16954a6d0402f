/**
 * What stands in /dev, one level deep. Value: the type, and the number of a device or the target of
 * a link. The kernel and udev add devices at any time; folders, links and files there are made by
 * programs, and a device that turns into another one is somebody's mistake.
 */
import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Fact, Kind } from './state.ts';

export const devices: Kind = {
  name: 'device',
  read() {
    const facts: Record<string, Fact> = {};
    for (const name of readdirSync('/dev')) {
      const path = join('/dev', name);
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (found !== undefined) facts[path] = { value: shape(path, found) };
    }
    return facts;
  },
  foreign: ({ change, before, after }) =>
    change !== 'changed' && (after ?? before ?? '').startsWith('device '),
};

function shape(path: string, found: Stats): string {
  if (found.isSymbolicLink()) return `link to ${readlinkSync(path)}`;
  if (found.isDirectory()) return 'folder';
  return found.isCharacterDevice() || found.isBlockDevice() ? `device ${found.rdev}` : 'file';
}
