/**
 * A container's steps and limits as options of the floor program, so that both make the same calls.
 *
 * - birthOptions(namespaces, groups)  what the child is born into
 * - stepOptions(step, root)     one step; `root` says what becomes the root
 * - allLimits()                 of chapter 02, for the scenarios
 * - groupOptions(limits, name)  the same directories and writes that Slipway makes, under a name of
 *                               the floor's own
 *
 * What the floor program leaves out is what it does not need: looking at paths before they are
 * used, reading back what was written, reporting.
 */
import {
  linuxControlGroups,
  thisMachine,
  twin,
  type ControlGroups,
  type Limits,
} from '@slipway/cgroups';
import { usualControllers } from '@slipway/cgroups/group/control-groups.ts';
import type { Seat } from '@slipway/cgroups/group/driver.ts';
import { groupOf } from '@slipway/cgroups/group/group.ts';
import { seatsFor } from '@slipway/cgroups/group/seats.ts';
import { withUsualDevices } from '@slipway/cgroups/container/usual-devices.ts';
import {
  capabilityNames,
  cloneFlags,
  type Capability,
  type MountFlag,
  type Namespace,
  type Step,
} from '@slipway/native';

/** linux/mount.h */
const mountFlags: Readonly<Record<MountFlag, number>> = {
  ro: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  remount: 32,
  noatime: 1024,
  bind: 4096,
  rec: 16_384,
  relatime: 1 << 21,
  strictatime: 1 << 24,
};

/** Of a cgroup namespace the group that its maker is in becomes the root: first enter. */
export function birthOptions(
  namespaces: readonly Namespace[],
  groups: readonly string[],
): readonly string[] {
  const isLater = (kind: Namespace): boolean => groups.length > 0 && kind === 'cgroup';
  const flags = flagsOf(namespaces.filter(kind => !isLater(kind)));
  const later = namespaces.filter(isLater).map(kind => `--unshare=${flagsOf([kind])}`);
  return ['--namespaces', String(flags), ...groups, ...later];
}

function flagsOf(namespaces: readonly Namespace[]): number {
  return namespaces.reduce((all, kind) => all | cloneFlags[kind], 0);
}

/** The host's, a folder, or one of the mounts that floor/root.c has opened. */
export type FloorRoot = undefined | { readonly folder: string } | 'opened';

/** @throws Error for a step that floor/calls.c does not know */
export function stepOptions(step: Step, root: FloorRoot): readonly string[] {
  const inRoot = (path: string): string => (root === undefined ? path : path.replace(/^\//, ''));
  switch (step.call) {
    case 'setPropagation':
      return [`--private=${step.target}`];
    case 'attach':
      if (typeof root === 'object') return [`--root=${root.folder}`];
      return [`--attach=${step.descriptor},${step.target === '/' ? '/' : inRoot(step.target)}`];
    case 'mount': {
      const flags = step.flags.reduce((all, flag) => all | mountFlags[flag], 0);
      return [`--mount=${step.type},${inRoot(step.target)},${flags},${step.data}`];
    }
    case 'mountProc':
      return [`--proc=${inRoot(step.target)}`];
    case 'makeDevice':
      return [`--node=${inRoot(step.path)},${step.major},${step.minor}`];
    case 'makeLink':
      return [`--link=${inRoot(step.path)},${step.target}`];
    case 'maskPaths':
      return step.paths.map(path => `--mask=${inRoot(path)}`);
    case 'protectPaths':
      return step.paths.map(path => `--protect=${inRoot(path)}`);
    case 'pivotRoot':
      return ['--pivot='];
    case 'setHostname':
      return [`--hostname=${step.name}`];
    case 'newSession':
      return ['--session='];
    case 'changeDirectory':
      return [`--directory=${step.path}`];
    case 'setIds':
      return [`--become=${step.groups?.[0] ?? step.gid},${step.gid},${step.uid}`];
    case 'setCapabilities':
      return [`--capabilities=${capabilitySet(step.bounding)}`];
    default:
      throw new Error(`floor/calls.c has no call for the step ${step.call}: add one`);
  }
}

function capabilitySet(names: readonly Capability[]): bigint {
  return names.reduce((all, name) => all | (1n << BigInt(capabilityNames.indexOf(name))), 0n);
}

/** Directories, then writes, then how the child gets in; the cgroup namespace comes after that. */
export function groupOptions(limits: Limits, name: string): readonly string[] {
  const machine = linuxControlGroups();
  const seats = seatsOf(machine, name);
  const settings = groupOf(machine, { name }, seats).settingsFor(limits);
  const writes = settings.flatMap(setting =>
    'file' in setting ? [`${setting.directory}/${setting.file}=${setting.value}`] : [],
  );
  return [
    ...seats.map(({ directory }) => `--group=${directory}`),
    ...[...seats.flatMap(seat => prepared(machine, seat)), ...writes].map(one => `--write=${one}`),
    ...seats.map(({ directory, hierarchy }) =>
      hierarchy.world === 'v2' ? `--into=${directory}` : `--enter=${directory}`,
    ),
  ];
}

/** Right below where the process may make groups: the floor program keeps no home for them. */
function seatsOf(machine: ControlGroups, name: string): readonly Seat[] {
  const seats = seatsFor(machine, { name }, new Set(usualControllers));
  return seats.map(seat => ({ ...seat, directory: `${seat.base}/${name}` }));
}

/** What a new group needs before anybody can be in it; see the two drivers. */
function prepared({ host }: ControlGroups, seat: Seat): readonly string[] {
  const { base, directory, controllers, hierarchy } = seat;
  if (hierarchy.world === 'v2') {
    const names = controllers.flatMap(one => {
      const how = twin[one];
      return how.as === 'controller' ? [`+${how.name}`] : [];
    });
    return names.length === 0 ? [] : [`${base}/cgroup.subtree_control=${names.join(' ')}`];
  }
  if (!hierarchy.controllers.includes('cpuset')) return [];
  return ['cpuset.cpus', 'cpuset.mems'].map(
    file => `${directory}/${file}=${host.read(`${base}/${file}`).trim()}`,
  );
}

/**
 * Every limit that needs no disk of its own: swap where the kernel counts it, devices where they
 * are files (the floor program has no eBPF).
 */
export function allLimits(): Limits {
  const machine = linuxControlGroups();
  const { countsSwap } = thisMachine(machine);
  const filesForDevices = machine.hierarchies.of.devices.world === 'v1';
  return {
    ...{ cpuQuotaUs: 100_000, cpuPeriodUs: 100_000, cpuShares: 512 },
    ...{ cpusetCpus: '0', cpusetMems: '0', memoryBytes: 64 << 20, pids: 100 },
    ...(countsSwap && { memorySwapBytes: 128 << 20 }),
    ...(filesForDevices && withUsualDevices({ devices: [] })),
  };
}
