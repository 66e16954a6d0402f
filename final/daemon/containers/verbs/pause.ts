// A container is frozen where it stands, and goes on.
//
// - `pauseJob`, `unpauseJob`: { reference }

import { jobType } from '../../../engine/job.ts';
import { conflict } from '../../../engine/refusal.ts';
import type { Running } from '../../../execdriver/driver.ts';
import type { Containers } from '../core/containers.ts';
import type { ContainerId } from '../record/record.ts';

export const pauseJob = jobType<{ readonly reference: string }, void>('pause');
export const unpauseJob = jobType<{ readonly reference: string }, void>('unpause');

export async function pause(containers: Containers, reference: string): Promise<void> {
  const { id } = containers.find(reference);
  await containers.live(id).queue.run(async () => {
    const { state } = containers.get(id);
    if (state.status === 'paused') throw conflict(`Container ${id} is already paused`);
    if (state.status === 'restarting') {
      throw conflict(`Container ${id} is restarting, wait until the container is running`);
    }
    await runningOf(containers, id).pause();
    containers.tell(containers.change(id, { kind: 'pause' }), 'pause');
  });
}

export async function unpause(containers: Containers, reference: string): Promise<void> {
  const { id } = containers.find(reference);
  await containers.live(id).queue.run(async () => {
    const { state } = containers.get(id);
    if (state.status !== 'paused') throw conflict(`Container ${id} is not paused`);
    await runningOf(containers, id).resume();
    containers.tell(containers.change(id, { kind: 'unpause' }), 'unpause');
  });
}

/** @throws CONFLICT `container … is not running` */
export function runningOf(containers: Containers, id: ContainerId): Running {
  const { running } = containers.live(id);
  if (running === undefined || containers.get(id).state.pid === 0) {
    throw conflict(`container ${id} is not running`);
  }
  return running;
}
