/**
 * What is compared with what.
 *
 * - scenarios(paths)  every scenario: a title, and contestants of which the first is the floor
 *
 * A scenario says a container once, as a program of steps and limits; floor-options.ts says the
 * same to the floor program, and options of unshare(1) stand beside it. The last one, a container
 * with all that six chapters give it, has programs of its own in whole/.
 */
import type { Limits } from '@slipway/cgroups';
import { namespaceKinds, step, type Namespace, type Step } from '@slipway/native';
import { withRoot } from '@slipway/rootfs';
import { allLimits, birthOptions, groupOptions, stepOptions } from './floor-options.ts';
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
  /** A whole root of busybox; the program `true` is in it as /true. */
  readonly rootfs: string;
  /** undefined where the machine has none. */
  readonly unshare: string | undefined;
}

interface Container {
  readonly title: string;
  readonly namespaces: readonly Namespace[];
  /** The calls between birth and execve. */
  readonly steps: readonly Step[];
  readonly limits?: Limits;
  /** The steps end in a root of their own. */
  readonly rooted?: true;
  readonly memoryBytes: number;
  /** Options of unshare(1) beside those of the namespaces; undefined leaves it out. */
  readonly unshareOptions: readonly string[] | undefined;
}

/** What Docker gives a container unless asked otherwise. */
const dockers: readonly Namespace[] = ['cgroup', 'ipc', 'mount', 'net', 'pid', 'uts'];

const usualSteps = [step.setPropagation('private'), step.mountProc(), step.setHostname('box')];

const containers: readonly Container[] = [
  {
    title: 'all eight namespaces',
    namespaces: namespaceKinds,
    steps: [],
    memoryBytes: 0,
    unshareOptions: ['--propagation', 'unchanged'],
  },
  {
    title: 'all eight, the parent holds 1 GB',
    namespaces: namespaceKinds,
    steps: [],
    memoryBytes: 1e9,
    unshareOptions: undefined,
  },
  {
    title: "Docker's six namespaces",
    namespaces: dockers,
    steps: [],
    memoryBytes: 0,
    unshareOptions: ['--propagation', 'unchanged'],
  },
  {
    title: 'the six, private mounts, /proc, a host name',
    namespaces: dockers,
    steps: usualSteps,
    memoryBytes: 0,
    unshareOptions: ['--mount-proc'],
  },
  {
    title: 'the same, and all limits',
    namespaces: dockers,
    steps: usualSteps,
    limits: allLimits(),
    memoryBytes: 0,
    unshareOptions: undefined,
  },
  {
    title: 'the same, all limits, a full root',
    namespaces: dockers,
    steps: rootedSteps(),
    limits: allLimits(),
    rooted: true,
    memoryBytes: 0,
    unshareOptions: undefined,
  },
];

/** Those of chapter 03, without the application. */
function rootedSteps(): readonly Step[] {
  const request = {
    namespaces: dockers,
    program: [...usualSteps, step.newSession(), step.exec([], [])],
  };
  return withRoot(request, { descriptor: 0, readOnly: false }).program.slice(0, -1);
}

const floorName = 'floor: the same calls in C';
const slipwayName = 'Slipway, from Node';
const engineName = 'slipway daemon';

const networkWords = {
  none: 'no network',
  bridge: 'bridge and a published port',
};

export function scenarios(paths: Paths): readonly Scenario[] {
  const single = containers.map(container => ({
    title: container.title,
    contestants: [
      { name: floorName, argv: floorCommand(container, paths) },
      { name: slipwayName, argv: slipwayCommand(container, paths) },
      ...unshareCommand(container, paths).map(argv => ({ name: 'unshare(1)', argv })),
    ],
  }));
  return [...single, ...wholeContainer(paths)];
}

/** Each contestant is a host of its own: a network namespace with a bridge and the firewall. */
function wholeContainer({ unshare, floor, rootfs }: Paths): readonly Scenario[] {
  if (unshare === undefined) return [];
  const host = [unshare, '--net', process.execPath];
  const folder = `${import.meta.dirname}/whole`;
  const ground = [...host, `${folder}/floor.ts`, floor, rootfs];
  return [
    {
      title: 'the whole container: image, volume, limits, network, a published port',
      contestants: [
        { name: floorName, argv: [...ground, '/true', 'bridge'] },
        { name: slipwayName, argv: [...host, `${folder}/slipway.ts`, rootfs] },
      ],
    },
    ...(['none', 'bridge'] as const).map(network => ({
      title: `the engine, create + start + wait over its API: ${networkWords[network]}`,
      contestants: [
        { name: floorName, argv: [...ground, '/bin/true', network, 'engine'] },
        { name: engineName, argv: [...host, `${folder}/../engine/contestant.ts`, network] },
      ],
    })),
  ];
}

function floorCommand(container: Container, paths: Paths): readonly string[] {
  const { namespaces, limits, memoryBytes, rooted, steps } = container;
  const root = rooted && { folder: paths.rootfs };
  const groups = limits === undefined ? [] : groupOptions(limits, `slipway-floor-${process.pid}`);
  return [
    ...[paths.floor, '--memory', String(memoryBytes), ...birthOptions(namespaces, groups)],
    ...[...steps.flatMap(one => stepOptions(one, root)), '--', program(container, paths)],
  ];
}

function program({ rooted }: Container, paths: Paths): string {
  return rooted ? '/true' : paths.true;
}

function slipwayCommand(container: Container, paths: Paths): readonly string[] {
  const subject: Subject = {
    memoryBytes: container.memoryBytes,
    namespaces: container.namespaces,
    program: [...container.steps, step.exec([program(container, paths)], [])],
    ...(container.limits && { limits: container.limits }),
    ...(container.rooted && { rootfs: paths.rootfs }),
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
