// What a container's program needs open: other namespaces, binds, its control groups as mounts.
//
// - `openHandles(spec, machine, group, held)`: all of it; `held` closes it
//
// Each path of the host is walked here once, and what was found is what is used. After the init has
// its duplicates all of this can be closed.

import { closeSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import {
  cloneMount,
  openPath,
  SyscallError,
  type MountAttribute,
  type Namespace,
} from '@slipway/native';
import { invalid } from '../engine/refusal.ts';
import type { ControlGroups, Group } from './groups.ts';
import { kindOf } from './program.ts';
import { readMountOptions } from './program/mount-options.ts';
import type { GroupMount } from './program/mounts.ts';
import type { RuntimeSpec, SpecMount } from './spec.ts';
import type { PreparedMount } from './volumes.ts';

export interface Handles {
  readonly joined: ReadonlyMap<Namespace, number>;
  readonly binds: readonly PreparedMount[];
  readonly groupMounts: readonly GroupMount[];
}

/** @throws Refusal INVALID for a path that leads nowhere, SyscallError */
export function openHandles(
  spec: RuntimeSpec,
  machine: ControlGroups,
  group: Group,
  held: DisposableStack,
): Handles {
  const { mounts = [], linux } = spec;
  const joined = (linux?.namespaces ?? []).flatMap(one =>
    one.path === undefined ? [] : [[kindOf(one), openNamespace(one.path, held)] as const],
  );
  const binds = mounts.filter(isBind).map(mount => openBind(mount, held));
  const seen = mounts.find(({ type }) => type === 'cgroup' || type === 'cgroup2');
  const groupMounts = seen === undefined ? [] : cloneGroups(seen, machine, group, held);
  return { joined: new Map(joined), binds, groupMounts };
}

function openNamespace(path: string, held: DisposableStack): number {
  try {
    return held.adopt(openSync(path, 'r'), closeSync);
  } catch (cause) {
    throw invalid(`the namespace ${path} cannot be joined: it is not there`, { cause });
  }
}

function isBind({ type, options = [] }: SpecMount): boolean {
  return type === 'bind' || options.includes('bind') || options.includes('rbind');
}

function openBind(mount: SpecMount, held: DisposableStack): PreparedMount {
  const { destination, source = '' } = mount;
  const { isRecursive, attributes, propagation } = readMountOptions(mount.options ?? []);
  try {
    using place = openPath(source);
    const clone = cloneMount(place.descriptor, {
      recursive: isRecursive,
      attributes,
      propagation: propagation?.kind ?? 'private',
      propagationRecursive: propagation?.recursive ?? true,
    });
    return { target: destination, descriptor: held.use(clone).descriptor };
  } catch (cause) {
    if (!(cause instanceof SyscallError) || cause.code !== 'ENOENT') throw cause;
    throw invalid(`bind source path does not exist: ${source}`, { cause });
  }
}

/** The container's own part of each hierarchy, as it is seen below /sys/fs/cgroup. */
function cloneGroups(
  mount: SpecMount,
  { hierarchies }: ControlGroups,
  group: Group,
  held: DisposableStack,
): readonly GroupMount[] {
  const { attributes } = readMountOptions(mount.options ?? []);
  const isAlone = hierarchies.all.length === 1;
  return group.directories.map(directory => {
    const found = hierarchies.all.find(one => directory.startsWith(`${one.mountPoint}/`));
    const isWhole = isAlone && found?.world === 'v2';
    const name = isWhole || found === undefined ? '' : basename(found.mountPoint);
    const links = name.includes(',') ? name.split(',') : [];
    return { name, descriptor: cloneFolder(directory, attributes, held), links };
  });
}

function cloneFolder(
  path: string,
  attributes: readonly MountAttribute[],
  held: DisposableStack,
): number {
  using folder = openPath(path);
  return held.use(cloneMount(folder.descriptor, { recursive: false, attributes })).descriptor;
}
