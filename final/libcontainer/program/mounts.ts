// The file systems of a container: those of its configuration, and those that were prepared.
//
// - `mountSteps(parts, hand)`: the steps, in the configuration's order, then the others
// - `refuseInsideProc(target)`: no volume over the kernel's own files
//
// A bind has a descriptor by now: no path of the host is walked any more. A prepared mount takes
// the place of the one with its destination. The control groups are a memory file system with one
// mount for each hierarchy, or the one hierarchy itself (version 2).
// Sources: OCI runtime specification, config.md, "Mounts"; mount(2).

import { step, type Step } from '@slipway/native';
import { invalid } from '../../engine/refusal.ts';
import { deviceNodes, type Device } from '../root.ts';
import type { SpecDevice, SpecMount } from '../spec.ts';
import type { PreparedMount } from '../volumes.ts';
import { readMountOptions } from './mount-options.ts';

/** A hierarchy of control groups as it is seen inside. */
export interface GroupMount {
  /** A name below /sys/fs/cgroup; empty for the one that is all of it. */
  readonly name: string;
  readonly descriptor: number;
  /** Names that are links to it: of controllers that share a hierarchy. */
  readonly links: readonly string[];
}

export interface MountParts {
  readonly configured: readonly SpecMount[];
  /** In their order. */
  readonly prepared: readonly PreparedMount[];
  readonly groups: readonly GroupMount[];
  readonly devices: readonly SpecDevice[];
  readonly hasTerminal: boolean;
}

/** Gives a descriptor its number in the request. */
export type Hand = (descriptor: number) => number;

export function mountSteps(parts: MountParts, hand: Hand): readonly Step[] {
  const { configured, prepared } = parts;
  for (const { target } of prepared) refuseInsideProc(target);
  const own = configured.filter(
    ({ destination }) => findPrepared(parts, destination) === undefined,
  );
  return [
    ...own.flatMap(mount => stepsOf(mount, parts, hand)),
    ...prepared.map(mount => attachOrMount(mount, hand)),
  ];
}

function findPrepared({ prepared }: MountParts, destination: string): PreparedMount | undefined {
  return prepared.find(({ target }) => target === destination);
}

function stepsOf(mount: SpecMount, parts: MountParts, hand: Hand): readonly Step[] {
  const { destination, type = 'none', source = type } = mount;
  const { flags, data } = readMountOptions(mount.options ?? []);
  if (type === 'proc' && destination === '/proc') return [step.mountProc()];
  if (type === 'cgroup' || type === 'cgroup2') return groupSteps(mount, parts.groups, hand);
  const mounted = step.mount(source, destination, type, { flags, data });
  return destination === '/dev' ? [mounted, ...nodes(parts)] : [mounted];
}

/** Nodes are made in a /dev of the container's own, and never in one of the host's. */
function nodes({ devices, hasTerminal }: MountParts): readonly Step[] {
  return [
    ...deviceNodes(devices.map(deviceOf)),
    // The container's terminal is the first one of its own devpts.
    ...(hasTerminal ? [step.makeLink('/dev/console', 'pts/0')] : []),
  ];
}

function deviceOf({ type, path, major, minor, fileMode, uid, gid }: SpecDevice): Device {
  return {
    path,
    ...(type === 'b' && { block: true }),
    major,
    minor,
    ...(fileMode !== undefined && { mode: fileMode & 0o7777 }),
    ...((uid !== undefined || gid !== undefined) && { owner: { uid: uid ?? 0, gid: gid ?? 0 } }),
  };
}

function attachOrMount(mount: PreparedMount, hand: Hand): Step {
  if ('descriptor' in mount) return step.attach(hand(mount.descriptor), mount.target);
  const { target, flags, data } = mount;
  return step.mount('tmpfs', target, 'tmpfs', { flags, data });
}

function groupSteps(mount: SpecMount, groups: readonly GroupMount[], hand: Hand): readonly Step[] {
  const { destination } = mount;
  const [first] = groups;
  if (first === undefined) return [];
  if (first.name === '') return [step.attach(hand(first.descriptor), destination)];
  const { flags } = readMountOptions(mount.options ?? []);
  const open = flags.filter(flag => flag !== 'ro');
  const empty = { flags: open, data: 'mode=755' };
  const again = { flags: [...flags, 'remount' as const], data: 'mode=755' };
  return [
    step.mount('tmpfs', destination, 'tmpfs', empty),
    ...groups.flatMap(({ name, descriptor, links }) => [
      step.attach(hand(descriptor), `${destination}/${name}`),
      ...links.map(link => step.makeLink(`${destination}/${link}`, name)),
    ]),
    ...(flags.includes('ro') ? [step.mount('tmpfs', destination, 'tmpfs', again)] : []),
  ];
}

/** Files of proc by which nothing is told to the kernel; engines put their own texts there. */
const mayBeCovered = new Set(
  [
    ...['cpuinfo', 'diskstats', 'loadavg', 'meminfo', 'slabinfo', 'stat', 'swaps', 'uptime'],
    ...['net/dev', 'sys/kernel/ns_last_pid'],
  ].map(name => `/proc/${name}`),
);

/** @throws Refusal INVALID */
function refuseInsideProc(target: string): void {
  const isInside = target === '/proc' || target.startsWith('/proc/');
  if (!isInside || mayBeCovered.has(target)) return;
  throw invalid(`${JSON.stringify(target)} cannot be mounted because it is inside /proc`);
}
