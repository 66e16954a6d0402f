// Containers, for those parts that are there before them: images, volumes and networks ask who uses
// what, and containers need all three.
//
// - `lookup()`, and once there are containers `.know(containers)`

import type { Digest } from '../../libcontainer/layers.ts';
import type { Containers } from '../containers/core/containers.ts';
import type { ContainerRecord } from '../containers/record/record.ts';
import { isAlive } from '../containers/record/state.ts';

export function lookup() {
  let known: Containers | undefined;
  const containers = (): Containers => {
    if (known === undefined) throw new Error('the containers are not known yet');
    return known;
  };
  return {
    know: (found: Containers): void => {
      known = found;
    },
    find: (reference: string): ContainerRecord => containers().find(reference),
    all: (): Iterable<ContainerRecord> => known?.all() ?? [],
    folderOf: (id: string): string => containers().folderOf(id),
    setNetworks: (id: string, networks: ContainerRecord['networks']): void => {
      containers().save({ ...containers().find(id), networks });
    },
    usersOf: (image: Digest) =>
      [...(known?.all() ?? [])]
        .filter(({ imageId }) => imageId === image)
        .map(({ id, state }) => ({ id, running: isAlive(state) })),
    freeze: (id: string) => freeze(containers(), id),
    committed: (id: string, image: string, name: string, comment: string): void => {
      const more = { imageID: image, imageRef: name, comment };
      containers().tell(containers().find(id), 'commit', more);
    },
  };
}

/**
 * Who does not run stands still already; who was paused before stays so. It is written down
 * nowhere: a daemon that finds one frozen that is not paused thaws it.
 */
async function freeze(containers: Containers, id: string): Promise<AsyncDisposable> {
  const record = containers.find(id);
  const { running, queue } = containers.live(record.id);
  const isFree = (): boolean => containers.store.get(record.id)?.state.status === 'running';
  if (running === undefined || !isFree()) return { [Symbol.asyncDispose]: async () => undefined };
  await queue.run(async () => {
    if (isFree()) await running.pause();
  });
  if (isFree()) containers.tell(record, 'pause');
  return {
    [Symbol.asyncDispose]: async () => {
      // Its end, or somebody who paused it by hand, has come between.
      if (!isFree()) return;
      await queue.run(() => running.resume());
      containers.tell(record, 'unpause');
    },
  };
}
