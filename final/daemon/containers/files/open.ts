// A container's files by descriptor, whether it runs or not.
//
// - `openFiles(containers, id, view)`: to be disposed of
//
// `inside` is its root with its volumes and its own files, as docker cp has always shown it: no
// /proc, no memory, and nothing that its processes have mounted. `layer` is its root alone. Nothing
// is mounted on the host for it.

import type { OpenDescriptor } from '@slipway/native';
import { conflict } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import type { ContainerId } from '../record/record.ts';
import { isAlive } from '../record/state.ts';
import { type ContainerFiles, openView } from './view.ts';

export async function openFiles(
  containers: Containers,
  id: ContainerId,
  view: 'inside' | 'layer',
): Promise<ContainerFiles> {
  const record = containers.get(id);
  const live = containers.live(id);
  const held = isAlive(record.state) ? await rootOf(containers, id) : undefined;
  if (held !== undefined) {
    if (view === 'inside') return openView(containers, record, held);
    return {
      descriptor: held.descriptor,
      [Symbol.asyncDispose]: async () => held[Symbol.dispose](),
    };
  }
  if (containers.get(id).state.status === 'removing')
    throw conflict(`container ${id} is being removed`);
  if (view === 'inside') return openView(containers, record);
  const use = await live.tree.acquire(() => containers.needs.layers.open(id));
  return { descriptor: use.own, [Symbol.asyncDispose]: () => use[Symbol.asyncDispose]() };
}

/** Undefined if it has ended meanwhile. */
async function rootOf(
  containers: Containers,
  id: ContainerId,
): Promise<OpenDescriptor | undefined> {
  try {
    return await containers.live(id).running?.root();
  } catch (error) {
    if (isAlive(containers.get(id).state)) throw error;
    return undefined;
  }
}
