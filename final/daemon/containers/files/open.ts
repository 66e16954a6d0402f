// A container's files by descriptor, whether it runs or not.
//
// - `openFiles(containers, id, view)`: to be disposed of
//
// `inside` is what its processes see, or would see, volumes and all; `layer` is its root alone.
// Nothing is mounted on the host for it.

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
  const { state } = record;
  const live = containers.live(id);
  if (isAlive(state) && live.running !== undefined) {
    const open = view === 'inside' ? live.running.inside() : await live.running.root();
    if (open !== undefined) {
      return {
        descriptor: open.descriptor,
        [Symbol.asyncDispose]: async () => open[Symbol.dispose](),
      };
    }
  }
  if (state.status === 'removing') throw conflict(`container ${id} is being removed`);
  if (view === 'inside') return openView(containers, record);
  const use = await live.tree.acquire(() => containers.needs.layers.open(id));
  return { descriptor: use.own, [Symbol.asyncDispose]: () => use[Symbol.asyncDispose]() };
}
