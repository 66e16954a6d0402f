/**
 * In which world a cgroup controller lives on this machine: decided for each one, never for all.
 *
 * - hierarchies()            every mounted cgroup hierarchy, and where this process is in it
 * - controllerWorld(name)    the hierarchy that offers the controller, or undefined
 *
 * A machine may run both versions at once ("hybrid"): some controllers in v1 hierarchies of their
 * own, others in the one v2 hierarchy. A controller bound to v1 is absent from v2's
 * cgroup.controllers.
 *
 * Sources: cgroups(7), cgroup_namespaces(7). /proc/self/cgroup has one line a hierarchy,
 * `id:controllers:path`; v2's has id 0 and no controllers.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMountinfo, type MountEntry } from '../proc/mountinfo.ts';

export type CgroupWorld = 'v1' | 'v2';

export interface Hierarchy {
  readonly world: CgroupWorld;
  readonly mountPoint: string;
  /** v1: those it was mounted with (`name=systemd` too); v2: those the root offers. */
  readonly controllers: readonly string[];
  /** This process' group in it, as a path below the mount point; undefined when it is outside. */
  readonly ownGroup: string | undefined;
}

/** What the two files say; given as text, so that any recorded machine can be a test. */
export interface CgroupFacts {
  readonly mountinfo: string;
  readonly selfCgroup: string;
  /** The text of a v2 mount's cgroup.controllers. */
  readonly offered: (mountPoint: string) => string;
}

export function hierarchies(facts: CgroupFacts = readFacts()): Hierarchy[] {
  const mounts = parseMountinfo(facts.mountinfo).filter(m => /^cgroup2?$/.test(m.type));
  // The same hierarchy can be mounted many times (a container has it bound into its own tree).
  const first = mounts.filter((m, i) => mounts.findIndex(n => n.device === m.device) === i);
  return first.map(mount => {
    const world = mount.type === 'cgroup2' ? 'v2' : 'v1';
    const controllers =
      world === 'v2' ? words(facts.offered(mount.mountPoint)) : v1Controllers(mount.superOptions);
    const own = ownPath(facts.selfCgroup, world, controllers);
    const ownGroup = own === undefined ? undefined : belowMount(mount, own);
    return { world, mountPoint: mount.mountPoint, controllers, ownGroup };
  });
}

export function controllerWorld(
  name: string,
  all: readonly Hierarchy[] = hierarchies(),
): Hierarchy | undefined {
  return all.find(hierarchy => hierarchy.controllers.includes(name));
}

function readFacts(): CgroupFacts {
  return {
    mountinfo: readFileSync('/proc/self/mountinfo', 'utf8'),
    selfCgroup: readFileSync('/proc/self/cgroup', 'utf8'),
    offered: mountPoint => readFileSync(join(mountPoint, 'cgroup.controllers'), 'utf8'),
  };
}

/** A v1 mount names its controllers among its super options; these words are not controllers. */
function v1Controllers(superOptions: string): string[] {
  const flags =
    /^(rw|ro|xattr|noprefix|clone_children|cpuset_v2_mode|favordynmods|release_agent=.*)$/;
  return superOptions.split(',').filter(word => !flags.test(word));
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(word => word !== '');
}

function ownPath(
  selfCgroup: string,
  world: CgroupWorld,
  controllers: readonly string[],
): string | undefined {
  for (const line of selfCgroup.split('\n')) {
    const match = /^(\d+):([^:]*):(.*)$/.exec(line);
    if (match === null) continue;
    const [, id, list = '', path] = match;
    if (
      world === 'v2'
        ? id === '0'
        : list !== '' && list.split(',').some(c => controllers.includes(c))
    )
      return path;
  }
  return undefined;
}

/** /proc/self/cgroup counts from the hierarchy's root, a mount may show only a part of it. */
function belowMount(mount: MountEntry, path: string): string | undefined {
  if (mount.root === '/') return path;
  if (path === mount.root) return '/';
  return path.startsWith(`${mount.root}/`) ? path.slice(mount.root.length) : undefined;
}
