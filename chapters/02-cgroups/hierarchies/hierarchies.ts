// Which world is each controller in? Asked of the kernel's own texts, never of a path.
//
// - findHierarchies(texts): every mounted hierarchy, and for every controller where it
//   is: in a version 1 hierarchy, in the version 2 one, or absent and why
// - readHierarchies(host): the same for this process
//
//   /proc/self/mountinfo  where hierarchies are mounted, which part of them, read-only?
//   /proc/self/cgroup     where this process is: 7:blkio:/a/b (v1), 0::/a/b (v2)
//   /proc/cgroups         what the kernel was built with and what is switched off
//   cgroup.controllers    what the version 2 hierarchy may hand on
//
// A machine is not "v1" or "v2": a controller is bound to one hierarchy at a time, so
// one machine can have memory in v1 and hugetlb in v2, and a process can sit in another
// group in each. Source: cgroups(7), cgroup_namespaces(7).

import { parseMountinfo, type MountEntry } from '@slipway/lab/proc/mountinfo.ts';
import { controllers, isController, twin } from './controllers.ts';
import type { Controller } from './controllers.ts';
import type { Host } from './host.ts';

/** Which version a hierarchy is of. */
export type World = 'v1' | 'v2';

export interface Hierarchy {
  readonly world: World;
  readonly mountPoint: string;
  /** what can be used here; of v2 also what has no line in cgroup.controllers */
  readonly controllers: readonly Controller[];
  /** this process's group as a directory; undefined when it lies outside the mount */
  readonly own: string | undefined;
  readonly readOnly: boolean;
}

export type Found =
  | { readonly world: World; readonly hierarchy: Hierarchy }
  | { readonly world: 'absent'; readonly reason: string };

export interface Hierarchies {
  readonly all: readonly Hierarchy[];
  readonly of: Readonly<Record<Controller, Found>>;
}

export interface KernelTexts {
  readonly mountinfo: string;
  readonly selfCgroup: string;
  readonly procCgroups: string;
  /** the text of cgroup.controllers in this directory; undefined when unreadable */
  controllersIn(directory: string): string | undefined;
}

export function readHierarchies(host: Host): Hierarchies {
  return findHierarchies({
    mountinfo: host.read('/proc/self/mountinfo'),
    selfCgroup: host.read('/proc/self/cgroup'),
    procCgroups: host.has('/proc/cgroups') ? host.read('/proc/cgroups') : '',
    controllersIn: directory => {
      const file = `${directory}/cgroup.controllers`;
      return host.has(file) ? host.read(file) : undefined;
    },
  });
}

export function findHierarchies(texts: KernelTexts): Hierarchies {
  const places = parseOwnPlaces(texts.selfCgroup);
  const mounts = parseMountinfo(texts.mountinfo);
  const version1 = bestMounts(mounts, 'cgroup', places);
  const bound = version1.flatMap(({ mount }) => words(mount).filter(isController));
  const version2 = bestMounts(mounts, 'cgroup2', places).map(({ mount, own }) =>
    unified(mount, own, texts, bound),
  );
  const all = [
    ...version1.map(({ mount, own }) => legacy(mount, own)).filter(hasControllers),
    ...version2,
  ];
  const of = Object.fromEntries(
    controllers.map(controller => [controller, find(controller, all, texts)]),
  );
  return { all, of: of as Record<Controller, Found> };
}

/** `7:cpu,cpuacct:/a:b`: only the first two colons separate, names may hold more. */
function parseOwnPlaces(text: string): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    if (match === null) continue;
    const [, names = '', path = '/'] = match;
    places.set(hierarchyKey(names.split(',')), path.replace(/ \(deleted\)$/, ''));
  }
  return places;
}

interface Placed {
  readonly mount: MountEntry;
  readonly own: string | undefined;
}

/**
 * One mount a hierarchy. The same one can be mounted often (a container's engine binds
 * a part of it): best is one that holds this process's group, then a writable one, then
 * the one that shows most; of equals the last, for it may lie on top of the others.
 */
function bestMounts(
  mounts: readonly MountEntry[],
  type: 'cgroup' | 'cgroup2',
  places: ReadonlyMap<string, string>,
): Placed[] {
  const best = new Map<string, Placed & { rank: number }>();
  for (const mount of mounts) {
    if (mount.type !== type) continue;
    const key = type === 'cgroup2' ? '' : hierarchyKey(words(mount));
    const own = ownDirectory(mount, places.get(key));
    const rank =
      (own === undefined ? 0 : 1e6) + (isReadOnly(mount) ? 0 : 1e5) - mount.root.length;
    if (rank >= (best.get(key)?.rank ?? -Infinity)) best.set(key, { mount, own, rank });
  }
  return [...best.values()];
}

function hierarchyKey(names: readonly string[]): string {
  const named = names.filter(name => isController(name) || name.startsWith('name='));
  return named.toSorted().join(',');
}

/**
 * The process's path is counted from the hierarchy's root, the mount may start lower.
 */
function ownDirectory(mount: MountEntry, path: string | undefined): string | undefined {
  // "/.." says: above the root of this cgroup namespace. What lies there has no name
  // here.
  if (path === undefined || path.startsWith('/..') || mount.root.startsWith('/..')) {
    return undefined;
  }
  if (mount.root === '/')
    return path === '/' ? mount.mountPoint : mount.mountPoint + path;
  if (path === mount.root) return mount.mountPoint;
  if (!path.startsWith(`${mount.root}/`)) return undefined;
  return mount.mountPoint + path.slice(mount.root.length);
}

function isReadOnly(mount: MountEntry): boolean {
  return mount.options.split(',').includes('ro') || words(mount).includes('ro');
}

/** What a hierarchy was mounted with: `rw`, its controllers, `name=…`. */
function words(mount: MountEntry): string[] {
  return mount.superOptions.split(',');
}

function legacy(mount: MountEntry, own: string | undefined): Hierarchy {
  return {
    world: 'v1',
    mountPoint: mount.mountPoint,
    controllers: words(mount).filter(isController),
    own,
    readOnly: isReadOnly(mount),
  };
}

/** A hierarchy with a name only (systemd's) tracks processes and limits nothing. */
function hasControllers(hierarchy: Hierarchy): boolean {
  return hierarchy.controllers.length > 0;
}

function unified(
  mount: MountEntry,
  own: string | undefined,
  texts: KernelTexts,
  bound: readonly Controller[],
): Hierarchy {
  const listed = (texts.controllersIn(mount.mountPoint) ?? '').trim().split(/\s+/);
  const offers = controllers.filter(controller => {
    const how = twin[controller];
    if (bound.includes(controller) || how.as === 'none') return false;
    return how.as === 'core' || listed.includes(how.name);
  });
  return {
    world: 'v2',
    mountPoint: mount.mountPoint,
    controllers: offers,
    own,
    readOnly: isReadOnly(mount),
  };
}

function find(
  controller: Controller,
  all: readonly Hierarchy[],
  texts: KernelTexts,
): Found {
  const hierarchy = all.find(({ controllers: here }) => here.includes(controller));
  if (hierarchy !== undefined) return { world: hierarchy.world, hierarchy };
  return { world: 'absent', reason: whyAbsent(controller, all, texts.procCgroups) };
}

function whyAbsent(
  controller: Controller,
  all: readonly Hierarchy[],
  procCgroups: string,
): string {
  const line = procCgroups.split('\n').find(row => row.split('\t')[0] === controller);
  const [, hierarchy, , enabled] = line?.split('\t') ?? [];
  const how = twin[controller];
  const inVersion2 = all.some(({ world }) => world === 'v2');
  if (enabled === '0')
    return 'switched off on the kernel command line (cgroup_disable)';
  if (inVersion2 && how.as === 'none' && all.length === 1) return how.why;
  if (enabled === undefined) return 'this kernel was built without it';
  if (hierarchy !== '0')
    return 'bound to a version 1 hierarchy that is not mounted here';
  return (
    'the kernel has it, but no hierarchy offers it here: ' +
    `mount -t cgroup -o ${controller} ${controller} DIRECTORY`
  );
}
