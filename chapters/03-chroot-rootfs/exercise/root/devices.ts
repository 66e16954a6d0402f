// Made from ../../root/devices.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// /dev of a container: a handful of devices, and none of the machine's.
//
// - `standardDevices`: the six that every program expects
// - `deviceSteps(more, around)`: the steps that make /dev and what is mounted in it
// - `deviceNodes(more)`: of these the nodes and links, in a /dev that is there
//
// /dev is a tmpfs of the container's own, so whatever an image has under /dev is out of
// the way before the first node is made. Numbers: the kernel's devices.txt; the list is
// that of the OCI runtime specification ("Default Devices").

import { terminalGroup } from '@slipway/namespaces';
import { blockDevice, step, type Namespace, type Step } from '@slipway/native';

export interface Device {
  readonly path: string;
  /** A disk, or a part of one. */
  readonly block?: true;
  readonly major: number;
  readonly minor: number;
  readonly mode?: number;
  /** root, unless it is somebody else's. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

export const standardDevices: readonly Device[] = [
  { path: '/dev/null', major: 1, minor: 3 },
  { path: '/dev/zero', major: 1, minor: 5 },
  { path: '/dev/full', major: 1, minor: 7 },
  { path: '/dev/random', major: 1, minor: 8 },
  { path: '/dev/urandom', major: 1, minor: 9 },
  { path: '/dev/tty', major: 5, minor: 0 },
];

/** Names that shells and programs use instead of numbers. */
const links: readonly (readonly [path: string, target: string])[] = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
  ['/dev/ptmx', 'pts/ptmx'],
];

/** What the rest of the container decides about its /dev. */
interface Use {
  readonly namespaces: readonly Namespace[];
  readonly terminal: boolean;
}

/** The steps that make /dev, with `more` devices beside the standard ones. */
export function deviceSteps(more: readonly Device[], use: Use): readonly Step[] {
  return [
    step.mount('tmpfs', '/dev', 'tmpfs', {
      flags: ['nosuid'],
      data: 'mode=755,size=65536k',
    }),
    ...deviceNodes(more),
    ...mountsInDev(use),
  ];
}

export function deviceNodes(more: readonly Device[]): readonly Step[] {
  // YOUR PART devices: An empty /dev: `echo > /dev/null` would make a file, and `cat`
  // of /dev/urandom finds none. `standardDevices` and `more` are the nodes that belong
  // here. There are steps for a node and for a link.
  return [...standardDevices, ...more, ...links, makeDevice].flatMap(() => []);
}

function makeDevice({ path, block, major, minor, mode, owner }: Device): Step {
  // Everybody may use what is harmless; a disk is for root, as it is on the host.
  return block
    ? step.makeDevice(path, major, minor, blockDevice | (mode ?? 0o600), owner)
    : step.makeDevice(path, major, minor, mode, owner);
}

function mountsInDev({ namespaces, terminal }: Use): readonly Step[] {
  const user = namespaces.includes('user');
  // An mqueue shows an IPC namespace, so only who owns that one may mount it.
  const queues = !user || namespaces.includes('ipc');
  const closed = ['nosuid', 'nodev', 'noexec'] as const;
  return [
    step.mount('devpts', '/dev/pts', 'devpts', {
      flags: ['nosuid', 'noexec'],
      data: `newinstance,ptmxmode=0666,mode=0620${terminalGroup(namespaces)}`,
    }),
    step.mount('shm', '/dev/shm', 'tmpfs', {
      flags: closed,
      data: 'mode=1777,size=65536k',
    }),
    ...(queues
      ? [step.mount('mqueue', '/dev/mqueue', 'mqueue', { flags: closed })]
      : []),
    // The container's terminal is the first one of its own devpts.
    ...(terminal ? [step.makeLink('/dev/console', 'pts/0')] : []),
  ];
}
// As made: a030fe54
