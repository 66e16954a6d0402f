// A container that was made begins to run.
//
// - `startJob`: by reference → nothing; throws UNCHANGED if it runs already
// - `startContainer(containers, id, why)`: in its queue; also what restart policies call
//
//   addresses and ports ── root ── volumes ── program ──▶ runs
//
// Each is given back by what was made before it, in reverse, if a later one is refused; the record
// then has the error and the exit code that `docker run` answers with.

import { failpoint } from '../../../engine/failpoints.ts';
import { jobType } from '../../../engine/job.ts';
import { conflict, Refusal, unchanged } from '../../../engine/refusal.ts';
import { StartFailure } from '../../../execdriver/start-failure.ts';
import type { Containers } from '../core/containers.ts';
import { formatTime } from '../core/moments.ts';
import type { ContainerId, ContainerRecord } from '../record/record.ts';
import { isAlive } from '../record/state.ts';
import { removeNow } from '../verbs/remove.ts';
import { watchEnd } from './end.ts';
import { watchHealth } from './health.ts';
import { launch } from './launch.ts';
import { cancelRetry } from './retry.ts';

export const startJob = jobType<{ readonly reference: string }, void>('start');

export async function startByReference(containers: Containers, reference: string): Promise<void> {
  const { id } = containers.find(reference);
  await containers.live(id).queue.run(() => startContainer(containers, id, 'asked'));
}

/** Within the container's queue. @throws StartFailure, or what an allocation says */
export async function startContainer(
  containers: Containers,
  id: ContainerId,
  why: 'asked' | 'policy',
): Promise<void> {
  const record = containers.get(id);
  refuseUnlessStartable(record);
  if (containers.isShuttingDown) throw new Refusal('UNAVAILABLE', 'the daemon is shutting down');
  const live = containers.live(id);
  if (why === 'asked') {
    cancelRetry(live);
    live.retries = 0;
    if (record.restartCount !== 0 || record.stoppedByHand) {
      containers.save({ ...record, restartCount: 0, stoppedByHand: false });
    }
  }
  live.isStopping = false;
  try {
    const running = await launch(containers, containers.get(id));
    live.running = running;
    failpoint('start.runs');
    const startedAt = formatTime(running.startedAtNs);
    containers.change(id, { kind: 'start', pid: running.pid, startedAt });
    failpoint('start.recorded');
    containers.programs.keepSoon(id, running);
  } catch (error) {
    await failToStart(containers, id, error);
    throw error;
  }
  containers.tell(containers.get(id), 'start');
  live.starts.tell(true);
  watchEnd(containers, id, again => startAgain(containers, again));
  watchHealth(containers, id);
}

/** By its restart policy, in its queue. A start that is refused ends the row, as Docker has it. */
export async function startAgain(containers: Containers, id: ContainerId): Promise<void> {
  const record = containers.store.get(id);
  if (record?.state.status !== 'restarting' || containers.isShuttingDown) return;
  containers.note({ ...record, restartCount: record.restartCount + 1 });
  try {
    await startContainer(containers, id, 'policy');
  } catch (error) {
    containers.needs.warn(`container ${id} could not be started again: ${String(error)}`);
  }
}

function refuseUnlessStartable({ state, id }: ContainerRecord): void {
  if (state.status === 'paused') {
    throw conflict('cannot start a paused container, try unpause instead');
  }
  if (isAlive(state)) throw unchanged(`container ${id} is already started`);
  if (state.status === 'removing') {
    throw conflict('container is marked for removal and cannot be started');
  }
}

async function failToStart(containers: Containers, id: ContainerId, error: unknown): Promise<void> {
  const exitCode = error instanceof StartFailure ? error.exitCode : 128;
  const message = error instanceof Error ? error.message : String(error);
  const live = containers.live(id);
  const record = containers.change(id, { kind: 'startFailed', exitCode, error: message });
  for (const pending of live.pendingSinks) pending.attached(undefined);
  live.pendingSinks.clear();
  if (record.hostConfig.AutoRemove) await removeNow(containers, id, { withVolumes: true });
}
