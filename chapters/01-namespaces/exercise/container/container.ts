// Made from ../../container/container.ts by `npm run generate`. It leaves out 3 parts: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// A container of chapter 01: options become a program of system calls.
//
// - `ContainerOptions`: what the user wants
// - `containerRequest(options)`: the request that `spawn` runs, `--explain` prints,
//   and a test compares, without running anything
//
// The order is the lesson: ids before rights are needed, clocks before the first
// process is inside, `/` private before the first mount, the application last.

import { step, type Namespace, type SpawnRequest, type Step } from '@slipway/native';
import { writeIdMaps, type IdMaps } from './id-map.ts';
import { terminalGroup } from '../../container/terminal-group.ts';

export interface ContainerOptions {
  readonly namespaces: readonly Namespace[];
  readonly hostname?: string;
  /** Only with the `user` kind. Without them everybody inside is nobody. */
  readonly idMaps?: IdMaps;
  /** Only with the `time` kind: seconds to add to the two clocks. */
  readonly clocks?: {
    readonly monotonicSeconds: number;
    readonly boottimeSeconds: number;
  };
  /** There is a /dev/mqueue to mount the queues of a new IPC namespace on. */
  readonly queues?: boolean;
  /** A terminal of its own, of this size. */
  readonly terminal?: { readonly rows: number; readonly columns: number };
  readonly argv: readonly string[];
  /** `NAME=value` entries. */
  readonly env: readonly string[];
}

/** The request that starts this container; nothing is run. */
export function containerRequest(options: ContainerOptions): SpawnRequest {
  const { idMaps } = options;
  return {
    namespaces: bornInto(options),
    program: [
      ...becomeRoot(options),
      ...shiftClocks(options),
      ...hideControlGroups(options),
      ...mountOwn(options),
      ...nameHost(options),
      ...startSession(options),
      step.exec(options.argv, options.env),
    ],
    ...(idMaps && { onBarrier: (_, child) => writeIdMaps(child.pid, idMaps) }),
  };
}

/**
 * The kinds that `clone3` makes with the child; the others need a step of their own.
 */
function bornInto({ namespaces }: ContainerOptions): readonly Namespace[] {
  // With a time namespace all but the user namespace wait for the fork behind it.
  const first = namespaces.includes('time') ? ['user'] : namespaces;
  return namespaces.filter(kind => kind !== 'cgroup' && first.includes(kind));
}

/** Waits for the maps, then is uid 0 inside. */
function becomeRoot({ idMaps }: ContainerOptions): readonly Step[] {
  if (idMaps === undefined) return [];
  // YOUR PART become-root: The maps are written by a process outside while the child
  // waits. Let it wait, then take the ids that the maps have made valid, and give up
  // the groups that it still has from outside, where it may (`idMaps.setgroups`).
  return [];
}

/** A time namespace takes in only children, and its clocks are set before the first. */
function shiftClocks({ namespaces, clocks }: ContainerOptions): readonly Step[] {
  if (!namespaces.includes('time')) return [];
  const others = namespaces.filter(
    kind => kind !== 'time' && kind !== 'user' && kind !== 'cgroup',
  );
  return [
    step.unshare(['time']),
    ...(clocks ? [step.setTimeOffsets(clocks)] : []),
    step.fork(others),
  ];
}

/** From here on the group that the process is in is the root that it sees. */
function hideControlGroups({ namespaces }: ContainerOptions): readonly Step[] {
  return namespaces.includes('cgroup') ? [step.unshare(['cgroup'])] : [];
}

/** What a new mount namespace needs before the application sees it. */
function mountOwn(options: ContainerOptions): readonly Step[] {
  const { namespaces, queues, terminal } = options;
  if (!namespaces.includes('mount')) return [];
  return [
    // YOUR PART private-mounts: The new namespace is a copy of the host's table of
    // mounts, and each copy is still the *peer* of its original. One call cuts all of
    // them off.
    // YOUR PART own-proc: `ps` does not ask the kernel for processes: it reads a file
    // system, and the one in the copied table belongs to another PID namespace.
    ...(namespaces.includes('ipc') && queues ? [mountQueues] : []),
    ...(terminal ? mountTerminals(options) : []),
  ];
}

/** POSIX message queues are files; these are the queues of our own IPC namespace. */
const mountQueues = step.mount('mqueue', '/dev/mqueue', 'mqueue', {
  flags: ['nosuid', 'nodev', 'noexec'],
});

/** An own set of pseudo-terminals, and /dev/ptmx as the door to it. */
function mountTerminals({ namespaces }: ContainerOptions): readonly Step[] {
  return [
    step.mount('devpts', '/dev/pts', 'devpts', {
      flags: ['nosuid', 'noexec'],
      data: `newinstance,ptmxmode=0666,mode=0620${terminalGroup(namespaces)}`,
    }),
    step.mount('/dev/pts/ptmx', '/dev/ptmx', '', { flags: ['bind'] }),
  ];
}

function nameHost({ namespaces, hostname }: ContainerOptions): readonly Step[] {
  if (hostname === undefined || !namespaces.includes('uts')) return [];
  return [step.setHostname(hostname)];
}

/** Its own session: Ctrl-C at our terminal is ours to forward, not the kernel's. */
function startSession({ terminal }: ContainerOptions): readonly Step[] {
  return terminal
    ? [step.openTerminal(terminal.rows, terminal.columns)]
    : [step.newSession()];
}
// As made: 1cb37813
