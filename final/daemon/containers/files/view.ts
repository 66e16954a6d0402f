// A container's root with its volumes and its own files, mounted for whoever copies.
//
// - `openView(containers, record, running?)`: the root of it, to be disposed of; `running` is the
//   root of one that runs
//
// Mounts need a table of mounts to be in, and the host's is not touched. So a process is born that
// does what an init does up to pivot_root, and waits there; its root is the view, and ends with it.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  cloneMount,
  openPath,
  spawn,
  step,
  SyscallError,
  type Child,
  type OpenDescriptor,
} from '@slipway/native';
import type { PreparedMount } from '../../../libcontainer/volumes.ts';
import type { Containers } from '../core/containers.ts';
import type { ContainerId, ContainerRecord } from '../record/record.ts';
import { openFiles } from '../run/launch.ts';

export interface ContainerFiles extends AsyncDisposable {
  readonly descriptor: number;
}

export async function openView(
  containers: Containers,
  record: ContainerRecord,
  running?: OpenDescriptor,
): Promise<ContainerFiles> {
  const { volumes } = containers.needs;
  await using opening = new AsyncDisposableStack();
  if (running !== undefined) opening.use(running);
  const { own, root } =
    running === undefined
      ? await atRest(containers, record.id, opening)
      : { own: running.descriptor, root: forAttach(running, opening) };
  const held = opening.use(await volumes.open(record, own));
  opening.defer(() => volumes.close(record));
  const files = opening.use(openFiles(filesOf(containers, record), false));
  const view = opening.use(await show(root, [...files.mounts, ...held.mounts]));
  const kept = opening.move();
  return {
    descriptor: view.root.descriptor,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function atRest(
  containers: Containers,
  id: ContainerId,
  opening: AsyncDisposableStack,
): Promise<{ readonly own: number; readonly root: number }> {
  const open = () => containers.needs.layers.open(id);
  const tree = opening.use(await containers.live(id).tree.acquire(open));
  return { own: tree.own, root: tree.forAttach() };
}

/** A kernel that does not clone it has made it for us alone. */
function forAttach(root: OpenDescriptor, opening: AsyncDisposableStack): number {
  try {
    return opening.use(cloneMount(root.descriptor, { recursive: true })).descriptor;
  } catch (error) {
    if (error instanceof SyscallError && error.code === 'EINVAL') return root.descriptor;
    throw error;
  }
}

/** Those that its last start has left. */
function filesOf(containers: Containers, { id }: ContainerRecord): ReadonlyMap<string, string> {
  const folder = containers.folderOf(id);
  const own = ['hosts', 'hostname', 'resolv.conf'].map(
    name => [`/etc/${name}`, join(folder, name)] as const,
  );
  return new Map(own.filter(([, path]) => existsSync(path)));
}

interface View extends AsyncDisposable {
  readonly root: OpenDescriptor;
}

/** Memory file systems are not there while nothing runs. */
async function show(root: number, mounts: readonly PreparedMount[]): Promise<View> {
  const bound = mounts.flatMap(mount => ('descriptor' in mount ? [mount] : []));
  const seen = Promise.withResolvers<OpenDescriptor>();
  const done = Promise.withResolvers<void>();
  const life = spawn({
    namespaces: ['mount'],
    stdio: ['null', 'null', 'null'],
    descriptors: [root, ...bound.map(({ descriptor }) => descriptor)],
    program: [
      step.setPropagation('private'),
      step.attach(0, '/'),
      ...bound.map(({ target }, index) => step.attach(index + 1, target)),
      step.pivotRoot(),
      step.barrier('seen'),
      step.exec(['/'], []),
    ],
    onBarrier: (_, child: Child) => {
      seen.resolve(openPath(`/proc/${child.pid}/root`));
      return done.promise;
    },
  });
  life.catch((error: unknown) => seen.reject(error));
  const opened = await seen.promise;
  return {
    root: opened,
    [Symbol.asyncDispose]: async () => {
      opened[Symbol.dispose]();
      done.reject(new Error('it has been looked at'));
      await life.catch(() => undefined);
    },
  };
}
