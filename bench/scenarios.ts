/**
 * What is compared with what.
 *
 * - scenarios(paths)  every scenario: a title, and contestants of which the first is the floor
 *
 * A scenario says the same container three times: as flags and calls of the floor program, as a
 * program of steps, and as options of unshare(1). A later chapter adds a scenario here, and the
 * call that it needs to floor/floor.c.
 */
import { cloneFlags, namespaceKinds, step, type Namespace, type Step } from '@slipway/native';
import type { Subject } from './slipway-contestant.ts';

export interface Scenario {
  readonly title: string;
  /** The first is the floor; the others are compared with it. */
  readonly contestants: readonly { readonly name: string; readonly argv: readonly string[] }[];
}

/** Programs that the scenarios run. */
export interface Paths {
  readonly floor: string;
  readonly true: string;
  /** undefined where the machine has none. */
  readonly unshare: string | undefined;
}

interface Container {
  readonly title: string;
  readonly namespaces: readonly Namespace[];
  /** The calls between birth and execve, for the floor and for Slipway. */
  readonly floorCalls: readonly string[];
  readonly steps: readonly Step[];
  readonly memoryBytes: number;
  /** Options of unshare(1) beside those of the namespaces; undefined leaves it out. */
  readonly unshareOptions: readonly string[] | undefined;
}

/** What Docker gives a container unless asked otherwise. */
const dockers: readonly Namespace[] = ['cgroup', 'ipc', 'mount', 'net', 'pid', 'uts'];

const containers: readonly Container[] = [
  {
    title: 'all eight namespaces',
    namespaces: namespaceKinds,
    floorCalls: [],
    steps: [],
    memoryBytes: 0,
    unshareOptions: ['--propagation', 'unchanged'],
  },
  {
    title: 'all eight, the parent holds 1 GB',
    namespaces: namespaceKinds,
    floorCalls: [],
    steps: [],
    memoryBytes: 1e9,
    unshareOptions: undefined,
  },
  {
    title: "Docker's six namespaces",
    namespaces: dockers,
    floorCalls: [],
    steps: [],
    memoryBytes: 0,
    unshareOptions: ['--propagation', 'unchanged'],
  },
  {
    title: 'the six, private mounts, /proc, a host name',
    namespaces: dockers,
    floorCalls: ['--private=/', '--proc=/proc', '--hostname=box'],
    steps: [step.setPropagation('private'), step.mountProc(), step.setHostname('box')],
    memoryBytes: 0,
    unshareOptions: ['--mount-proc'],
  },
];

export function scenarios(paths: Paths): readonly Scenario[] {
  return containers.map(container => ({
    title: container.title,
    contestants: [
      { name: 'floor: the same calls in C', argv: floorCommand(container, paths) },
      { name: 'Slipway, from Node', argv: slipwayCommand(container, paths) },
      ...unshareCommand(container, paths).map(argv => ({ name: 'unshare(1)', argv })),
    ],
  }));
}

function floorCommand(container: Container, paths: Paths): readonly string[] {
  const flags = container.namespaces.reduce((all, kind) => all | cloneFlags[kind], 0);
  const memory = ['--memory', String(container.memoryBytes)];
  return [
    ...[paths.floor, ...memory, '--namespaces', String(flags)],
    ...[...container.floorCalls, '--', paths.true],
  ];
}

function slipwayCommand(container: Container, paths: Paths): readonly string[] {
  const subject: Subject = {
    memoryBytes: container.memoryBytes,
    namespaces: container.namespaces,
    program: [...container.steps, step.exec([paths.true], [])],
  };
  const script = `${import.meta.dirname}/slipway-contestant.ts`;
  return [process.execPath, script, JSON.stringify(subject)];
}

/** unshare(1) is a command: the floor program starts it, by a plain vfork and execve. */
function unshareCommand(container: Container, paths: Paths): readonly (readonly string[])[] {
  if (paths.unshare === undefined || container.unshareOptions === undefined) return [];
  const kinds = container.namespaces.map(kind => `--${kind}`);
  const options = [...kinds, '--fork', ...container.unshareOptions];
  return [[paths.floor, '--', paths.unshare, ...options, paths.true]];
}
