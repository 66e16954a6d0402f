/**
 * Mounts of our own mount namespace, from mountinfo. Value: type, source, options and propagation.
 *
 * The name is the mount point, with `#2`, `#3` … for mounts stacked on it. Ids are left out, for a
 * mount that is undone and made again is the same to a host; of the propagation only the sort is
 * kept.
 *
 * Other managers mount in folders of their own; those are listed below, and what happens there is
 * theirs.
 */
import { isInside, readMountinfo, type MountEntry } from '../proc/mountinfo.ts';
import type { Fact, Kind } from './state.ts';

const territories = [
  '/run/containerd',
  '/run/credentials',
  '/run/docker',
  '/run/snapd',
  '/run/user',
  '/snap',
  '/var/lib/containerd',
  '/var/lib/containers',
  '/var/lib/docker',
  '/var/lib/kubelet',
];

export const mounts: Kind = {
  name: 'mount',
  read: () => mountFacts(readMountinfo()),
  // ip(8) binds /run/netns onto itself when the first namespace is named, and leaves it so for
  // good.
  foreign: ({ name }) =>
    name === '/run/netns' || territories.some(territory => isInside(name, territory)),
};

export function mountFacts(list: readonly MountEntry[]): Record<string, Fact> {
  const facts: Record<string, Fact> = {};
  const stacked = new Map<string, number>();
  for (const mount of list) {
    const count = (stacked.get(mount.mountPoint) ?? 0) + 1;
    stacked.set(mount.mountPoint, count);
    const name = count === 1 ? mount.mountPoint : `${mount.mountPoint}#${count}`;
    facts[name] = { value: mountValue(mount) };
  }
  return facts;
}

function mountValue({ type, source, root, options, propagation }: MountEntry): string {
  const sorts = propagation.map(word => word.replace(/:\d+$/, ''));
  return [type, source, root, options, ...sorts].join(' ');
}
