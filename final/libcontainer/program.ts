// An OCI configuration and open handles → the program of system calls that makes the container.
//
// - `containerProgram(parts)`: a request for `spawn` or a keeper, without its streams; nothing runs
// - `ContainerParts`: the configuration, and what was opened for it
//
// The whole life of an init, in order:
//
//   join the network ── join others' namespaces ── the root attached ── file systems in it
//   ── devices ── the volumes ── settings ── hidden and read-only paths ── pivot_root ── names
//   ── limits ── user ── rights and filter ── session or terminal ── execve
//
// Sources: OCI runtime specification, config.md and config-linux.md.

import { step, type Namespace, type SpawnRequest, type Step } from '@slipway/native';
import { Refusal } from '../engine/refusal.ts';
import { withNetwork, type Network } from './network.ts';
import { mountSteps, type GroupMount } from './program/mounts.ts';
import { filterFlags, processSteps, scoreSteps } from './program/process.ts';
import { sysctlSteps } from './program/sysctls.ts';
import type { RuntimeSpec, SpecNamespace } from './spec.ts';
import type { PreparedMount } from './volumes.ts';

export interface ContainerParts {
  readonly spec: RuntimeSpec;
  /** Of the mount that becomes the root. */
  readonly root: number;
  readonly mounts: readonly PreparedMount[];
  readonly network: Network;
  /** Directories of its control groups, to be born into. */
  readonly cgroups: readonly string[];
  readonly groupMounts: readonly GroupMount[];
  /** Of another process's namespaces, by kind: those with a path in the configuration. */
  readonly joined: ReadonlyMap<Namespace, number>;
  /** Of the compiled filter; undefined without one. */
  readonly filter: number | undefined;
  readonly staysAsInit: boolean;
  readonly size: { readonly rows: number; readonly columns: number };
}

/** As `SpawnRequest`, without what depends on who starts it. */
export type ContainerProgram = Required<
  Pick<SpawnRequest, 'namespaces' | 'cgroups' | 'program' | 'descriptors'>
>;

/** @throws Refusal INVALID, UNSUPPORTED for what cannot be had */
export function containerProgram(parts: ContainerParts): ContainerProgram {
  const { spec, cgroups, network } = parts;
  refuseUnsupported(spec);
  const descriptors: number[] = [];
  const hand = (descriptor: number): number => descriptors.push(descriptor) - 1;
  const request = withNetwork(
    {
      namespaces: newNamespaces(spec),
      cgroups,
      descriptors,
      program: [
        ...joinSteps(parts.joined, hand),
        ...scoreSteps(spec.process),
        step.setPropagation('private'),
        step.attach(hand(parts.root), '/'),
        ...placeSteps(parts, hand),
        step.pivotRoot(),
        ...nameSteps(spec),
        ...lastSteps(parts, hand),
      ],
    },
    network,
  );
  const { namespaces = [], program, descriptors: handed = [] } = request;
  return { namespaces, cgroups, program, descriptors: handed };
}

/** A PID namespace takes in only children: whoever joins one goes on as one. */
function joinSteps(joined: ReadonlyMap<Namespace, number>, hand: Hand): readonly Step[] {
  const joins = [...joined].map(([kind, descriptor]) => step.setns(hand(descriptor), [kind]));
  return joined.has('pid') ? [...joins, step.fork()] : joins;
}

type Hand = (descriptor: number) => number;

/** All that stands in the root before it is entered. */
function placeSteps(parts: ContainerParts, hand: Hand): readonly Step[] {
  const { spec, mounts, groupMounts } = parts;
  const { devices = [], sysctl = {}, maskedPaths = [], readonlyPaths = [] } = spec.linux ?? {};
  const { cwd, terminal = false } = spec.process;
  const mountParts = {
    configured: spec.mounts ?? [],
    prepared: mounts,
    groups: groupMounts,
    devices,
    hasTerminal: terminal,
  };
  return [
    ...mountSteps(mountParts, hand),
    ...(cwd === '/' ? [] : [step.makeFolder(cwd)]),
    ...sysctlSteps(sysctl, ownNamespaces(parts)),
    ...(maskedPaths.length === 0 ? [] : [step.maskPaths(maskedPaths)]),
    ...(readonlyPaths.length === 0 ? [] : [step.protectPaths(readonlyPaths)]),
    ...(spec.root.readonly === true ? [step.makeRootReadOnly()] : []),
  ];
}

function nameSteps({ hostname, domainname, linux }: RuntimeSpec): readonly Step[] {
  const isShared = linux?.rootfsPropagation?.replace(/^r/, '') === 'shared';
  return [
    ...(isShared ? [step.setPropagation('shared', '/', false)] : []),
    ...(hostname === undefined ? [] : [step.setHostname(hostname)]),
    ...(domainname === undefined ? [] : [step.setDomainname(domainname)]),
  ];
}

function lastSteps(parts: ContainerParts, hand: Hand): readonly Step[] {
  const { spec, filter, staysAsInit, size } = parts;
  const { seccomp } = spec.linux ?? {};
  if (filter === undefined || seccomp === undefined) {
    return processSteps(spec.process, { staysAsInit, size });
  }
  const installed = { index: hand(filter), flags: filterFlags(seccomp) };
  return processSteps(spec.process, { filter: installed, staysAsInit, size });
}

const kinds: Readonly<Record<SpecNamespace['type'], Namespace>> = {
  pid: 'pid',
  network: 'net',
  mount: 'mount',
  ipc: 'ipc',
  uts: 'uts',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
};

export function kindOf({ type }: SpecNamespace): Namespace {
  return kinds[type];
}

function newNamespaces({ linux }: RuntimeSpec): readonly Namespace[] {
  return (linux?.namespaces ?? []).filter(({ path }) => path === undefined).map(kindOf);
}

/** New or joined: not the host's. */
function ownNamespaces({ spec, joined, network }: ContainerParts): ReadonlySet<Namespace> {
  const ofNetwork: readonly Namespace[] = network.mode === 'host' ? [] : ['net'];
  return new Set([...newNamespaces(spec), ...joined.keys(), ...ofNetwork]);
}

/** @throws Refusal UNSUPPORTED */
function refuseUnsupported({ linux }: RuntimeSpec): void {
  const asked = new Set((linux?.namespaces ?? []).map(({ type }) => type));
  const refuse = (what: string): never => {
    throw new Refusal('UNSUPPORTED', `${what} is not supported by this engine`);
  };
  if (asked.has('user') || (linux?.uidMappings ?? []).length > 0) refuse('a user namespace');
  if (asked.has('time')) refuse('a time namespace');
  if (!asked.has('mount')) refuse("a container on the host's table of mounts");
}
