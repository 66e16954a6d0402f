// The root of a container: what stands in it before the application sees it.
//
// - `RootOptions`: what the user wants of it
// - `rootProgram(options)`: the steps, from the first mount to the last look at the
//   host
// - `withRoot(request, options)`: the same request in a root of its own
//
// The folder arrives as a mount that hangs nowhere yet (descriptor). Nothing in it is
// used by path: the init opens each target once, links followed inside only, and mounts
// onto what it has opened. Sources: pivot_root(2), open_tree(2), openat2(2).

import { step, type Namespace, type SpawnRequest, type Step } from '@slipway/native';
import { deviceSteps, type Device } from './devices.ts';
import { maskedPaths, readOnlyPaths } from './hidden-paths.ts';

export interface RootOptions {
  /** The mount that becomes the root; the caller's to close. */
  readonly descriptor: number;
  readonly readOnly: boolean;
  /** Device nodes beside those that every container has. */
  readonly devices?: readonly Device[];
}

/** What of the rest of the request the root has to know. */
export interface Around {
  /** The number of the root's descriptor in the request. */
  readonly index: number;
  /** New ones that the container is born into, or makes. */
  readonly namespaces: readonly Namespace[];
  /** It opens a terminal of its own. */
  readonly terminal: boolean;
}

/** The steps between "the mounts are ours" and "this is the container's root". */
export function rootProgram(root: RootOptions, around: Around): readonly Step[] {
  return [
    // #region program
    step.attach(around.index, '/'),
    ...mountSys(around),
    ...deviceSteps(root.devices ?? [], around),
    step.mountProc(),
    ...hideKernel(),
    ...freeze(root),
    ...enterRoot(),
    // #endregion
  ];
}

/** sysfs shows a network namespace, so only who owns that one may mount it. */
function mountSys({ namespaces }: Around): readonly Step[] {
  if (namespaces.includes('user') && !namespaces.includes('net')) return [];
  const flags = ['ro', 'nosuid', 'nodev', 'noexec'] as const;
  return [step.mount('sysfs', '/sys', 'sysfs', { flags })];
}

/** /proc and /sys are doors to the one kernel that all share: some are shut. */
function hideKernel(): readonly Step[] {
  // #hole hide-kernel: /proc has been mounted anew and still is the host's kernel:
  // /proc/kcore is its memory, /proc/sys its settings. hidden-paths.ts lists what a
  // container has no business with: some of it to be hidden, some to be read only.
  return [step.maskPaths(maskedPaths), step.protectPaths(readOnlyPaths)];
  // #instead
  // void [maskedPaths, readOnlyPaths];
  // return [];
  // #endhole
}

/** --read-only: the root, but not what is mounted in it. */
function freeze({ readOnly }: RootOptions): readonly Step[] {
  // #hole read-only-root: With --read-only nothing in the root may be written. /dev/shm
  // and /proc are mounts of their own in it and stay as they are. One step does it.
  return readOnly ? [step.makeRootReadOnly()] : [];
  // #instead
  // void readOnly;
  // return [];
  // #endhole
}

/** Everything stands. Now the host goes out of sight. */
function enterRoot(): readonly Step[] {
  // #hole enter-root: The new root hangs on top of the old one, and this process still
  // stands in the old one. Which call makes the one the other's place, so that nothing
  // of the host is left, not even for root?
  return [step.pivotRoot()];
  // #instead
  // return [];
  // #endhole
}

/**
 * `request` in a root of its own: what it would have mounted on the host's files gives
 * way to the root, everything else stays as it is.
 *
 * @throws Error if the request makes no mounts of its own
 */
export function withRoot(request: SpawnRequest, root: RootOptions): SpawnRequest {
  const { program, descriptors = [] } = request;
  const ours = program.findIndex(({ call }) => call === 'setPropagation');
  if (ours === -1) throw new Error('a root needs a mount namespace: add mount');
  const around: Around = {
    index: descriptors.length,
    namespaces: namespacesOf(request),
    terminal: program.some(({ call }) => call === 'openTerminal'),
  };
  const before = program.slice(0, ours + 1);
  const after = program.slice(ours + 1).filter(one => !isMount(one));
  return {
    ...request,
    descriptors: [...descriptors, root.descriptor],
    program: [...before, ...rootProgram(root, around), ...after],
  };
}

/** With a time namespace most kinds are made by a later fork. */
function namespacesOf({
  namespaces = [],
  program,
}: SpawnRequest): readonly Namespace[] {
  const forks = program.flatMap(one => (one.call === 'fork' ? one.namespaces : []));
  return [...namespaces, ...forks];
}

function isMount({ call }: Step): boolean {
  return call === 'mount' || call === 'mountProc';
}
