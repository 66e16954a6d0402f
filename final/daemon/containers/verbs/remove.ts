// A container and all that was made for it are gone.
//
// - `removeJob`: { reference, force, withVolumes, link }
// - `removeNow(containers, id, how)`: in its queue, of one that does not run
//
// Its record goes last: what is killed in the middle is found again, and can be removed once more.

import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { failpoint } from '../../../engine/failpoints.ts';
import { jobType } from '../../../engine/job.ts';
import { conflict, failed, invalid } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import type { ContainerId, ContainerRecord } from '../record/record.ts';
import { isRunning } from '../record/state.ts';
import { cancelRestart, endByHand } from './signal.ts';

export interface RemoveRequest {
  readonly reference: string;
  readonly force: boolean;
  readonly withVolumes: boolean;
  /** The name of a link is to go, not a container. */
  readonly link: boolean;
}

export const removeJob = jobType<RemoveRequest, void>('rm');

export async function remove(containers: Containers, request: RemoveRequest): Promise<void> {
  const { id } = containers.find(request.reference);
  if (request.link) return unlink(containers, request.reference);
  const { queue } = containers.live(id);
  for (;;) {
    const record = containers.store.get(id);
    if (record !== undefined && isRunning(record.state)) {
      await end(containers, id, request.force);
    }
    if (await queue.run(() => removeUnlessRunning(containers, id, request))) return;
  }
}

/** `web/db`: what web calls another. */
function unlink(containers: Containers, written: string): Promise<void> {
  const [parent = '', alias] = written.replace(/^\//, '').split('/');
  if (alias === undefined) {
    throw invalid('Conflict, cannot remove the default link name of the container');
  }
  const { id } = containers.find(parent);
  return containers.live(id).queue.run(() => {
    const record = containers.get(id);
    const { [alias]: _, ...links } = record.links ?? {};
    containers.save({ ...record, links });
    containers.needs.networks.unlinked(record, alias);
  });
}

/** Within the queue. False if it was being started while we waited for our turn. */
async function removeUnlessRunning(
  containers: Containers,
  id: ContainerId,
  request: RemoveRequest,
): Promise<boolean> {
  const record = containers.store.get(id);
  // It was to be removed with its end, and is.
  if (record === undefined) return true;
  if (isRunning(record.state)) return false;
  await removeNow(containers, id, request);
  return true;
}

async function end(containers: Containers, id: ContainerId, isForced: boolean): Promise<void> {
  const record = containers.get(id);
  if (!isForced) throw stillRunning(record);
  if (record.state.status === 'restarting') cancelRestart(containers, id);
  else await endByHand(containers, id, { signal: 9, timeoutS: 10 });
}

function stillRunning({ name, state }: ContainerRecord): Error {
  const [what, remedy] =
    state.status === 'paused'
      ? ['paused', 'must be unpaused first']
      : [state.status, 'stop the container before removing or force remove'];
  const rest = state.status === 'paused' ? ` and ${remedy}` : `: ${remedy}`;
  return conflict(`cannot remove container "/${name}": container is ${what}${rest}`);
}

/** Within the container's queue. @throws FAILED; it is dead then, and can be removed again */
export async function removeNow(
  containers: Containers,
  id: ContainerId,
  { withVolumes }: Pick<RemoveRequest, 'withVolumes'>,
): Promise<void> {
  const { layers, networks } = containers.needs;
  const record = containers.change(id, { kind: 'remove' }, { removesVolumes: withVolumes });
  const live = containers.live(id);
  failpoint('rm.marked');
  try {
    networks.release(record);
    failpoint('rm.network');
    await live.tree.drop();
    layers.remove(id);
    failpoint('rm.layers');
    await rm(containers.folderOf(id), { recursive: true, force: true });
    failpoint('rm.folder');
    rmSync(containers.execFolderOf(id), { recursive: true, force: true });
    if (withVolumes) await forgetVolumes(containers, record);
    failpoint('rm.volumes');
    containers.forget(id);
    failpoint('rm.forgotten');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (containers.store.has(id)) containers.change(id, { kind: 'removeFailed', error: message });
    live.removals.tell({ exitCode: record.state.exitCode, error: message });
    throw failed(`container ${id}: could not be removed: ${message}`, { cause: error });
  }
  for (const pending of live.pendingSinks) pending.attached(undefined);
  containers.tell(record, 'destroy');
  live.exits.tell({ exitCode: record.state.exitCode });
  live.removals.tell({ exitCode: record.state.exitCode });
}

/** One that cannot be removed stays, and is a volume that nobody has. */
async function forgetVolumes({ needs }: Containers, record: ContainerRecord): Promise<void> {
  try {
    await needs.volumes.forget(record);
  } catch (error) {
    needs.warn(`a volume of container ${record.id} stays: ${String(error)}`);
  }
}
