/**
 * In which world each control-group controller lives: asked controller by controller.
 *
 * - controlGroupRows(hierarchies, mayWrite)   one row a controller, and one for writing to them
 *
 * A controller that is bound to no hierarchy is a warning, with the mount that would bind it.
 */
import type { Hierarchy } from '@slipway/lab/requires/cgroups.ts';
import { type Row, should } from './row.ts';

/** The classic list; what a kernel leaves out shows as missing. */
const classic = [
  ...['cpu', 'cpuacct', 'cpuset', 'memory', 'pids', 'freezer', 'devices', 'blkio'],
  ...['net_cls', 'net_prio', 'hugetlb', 'perf_event'],
];

const inV2: Readonly<Record<string, string>> = { blkio: 'io', cpuacct: 'cpu' };
/** v2 names these in no list: any group can be frozen, counts its own time and its own events. */
const core = new Set(['freezer', 'cpuacct', 'devices', 'perf_event']);

export function controlGroupRows(
  hierarchies: readonly Hierarchy[],
  mayWrite: (folder: string) => boolean,
): readonly Row[] {
  if (hierarchies.length === 0) {
    const reason = 'no hierarchy is mounted: sudo mount -t cgroup2 none /sys/fs/cgroup';
    return [should('control groups', '', reason)];
  }
  const closed = hierarchies.filter(one => !mayWrite(one.mountPoint)).length;
  const reason = `${closed} of ${hierarchies.length} may not be written to: run it with sudo`;
  return [
    should('control groups', 'may be written to', closed === 0 ? undefined : reason),
    ...classic.map(name => controllerRow(name, hierarchies)),
  ];
}

function controllerRow(name: string, hierarchies: readonly Hierarchy[]): Row {
  const title = `controller ${name}`;
  const found = placeOf(name, hierarchies);
  if (found === undefined) {
    const mount = `mount -t cgroup -o ${name} none FOLDER`;
    return should(title, '', `bound to no hierarchy: sudo ${mount}`);
  }
  const { world, mountPoint, ownGroup = '?' } = found;
  const fact = `cgroup ${world}, ${mountPoint}, this process in ${ownGroup}`;
  return should(title, fact, undefined);
}

function placeOf(name: string, hierarchies: readonly Hierarchy[]): Hierarchy | undefined {
  const v1 = hierarchies.find(one => one.world === 'v1' && one.controllers.includes(name));
  if (v1 !== undefined) return v1;
  const v2 = hierarchies.find(one => one.world === 'v2');
  return core.has(name) || v2?.controllers.includes(inV2[name] ?? name) ? v2 : undefined;
}
