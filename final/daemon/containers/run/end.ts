// A container has ended: what it had is given back, who waits is told, and it may begin again.
//
// - `watchEnd(containers, id, startAgain)`: does all that once it ends
//
// Order, as Docker's events have it: oom, network disconnect, die, and then start or destroy. The
// record has the end before anybody is told of it. Its groups and its keeper go after that: nobody
// waits for them but who comes next with this container. The folder, in which the keeper has
// written the end, goes last: by it a daemon that begins finds out that there is something left.

import { rmSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { failpoint } from '../../../engine/failpoints.ts';
import type { Containers } from '../core/containers.ts';
import type { Live } from '../core/live.ts';
import { formatTime, timeOf } from '../core/moments.ts';
import type { Running } from '../../../execdriver/driver.ts';
import type { ContainerId, ContainerRecord } from '../record/record.ts';
import { isAlive, type Exit } from '../record/state.ts';
import { removeNow } from '../verbs/remove.ts';
import { retryDelayMs, scheduleRetry, wantsRetry } from './retry.ts';

/** @param startAgain within the queue, when its restart policy says so */
export function watchEnd(containers: Containers, id: ContainerId, startAgain: StartAgain): void {
  const live = containers.live(id);
  const { running, queue } = live;
  if (running === undefined) return;
  void watchMemory(containers, id, live);
  const settled = exitOf(containers, running).then(exit =>
    queue.run(() => settle(containers, { id, running, startAgain }, exit)),
  );
  settled.catch((error: unknown) => {
    containers.needs.warn(`the end of container ${id} could not be put in order: ${String(error)}`);
  });
}

/** What becomes short without a limit is the machine's. */
async function watchMemory(containers: Containers, id: ContainerId, live: Live): Promise<void> {
  const { running } = live;
  // First whoever has started it has his answer: what is short by then, its end tells.
  await setImmediate();
  if (running === undefined || live.running !== running) return;
  if (containers.get(id).hostConfig.Memory === 0) return;
  const tell = (): void => {
    const record = containers.store.get(id);
    if (record === undefined || live.running !== running) return;
    const state = { ...record.state, oomKilled: true };
    containers.tell(containers.save({ ...record, state }), 'oom');
  };
  try {
    running.onShortage(tell);
  } catch (error) {
    containers.needs.warn(`the memory of container ${id} is not watched: ${String(error)}`);
  }
}

export type StartAgain = (id: ContainerId) => Promise<void>;

interface Ended {
  readonly id: ContainerId;
  readonly running: Running;
  readonly startAgain: StartAgain;
}

interface Ending extends Exit {
  /** Its keeper was killed: nobody knows how it ended. */
  readonly isLost: boolean;
}

async function exitOf(containers: Containers, running: Running): Promise<Ending> {
  try {
    const { exitCode, oomKilled, finishedAtNs } = await running.ended;
    return { exitCode, oomKilled, finishedAt: formatTime(finishedAtNs), isLost: false };
  } catch (error) {
    const finishedAt = containers.timeNow();
    const reason = error instanceof Error ? error.message : String(error);
    return { exitCode: 137, oomKilled: false, finishedAt, error: reason, isLost: true };
  }
}

/** Within the container's queue. */
/** What was to run in it, and has not: it is not there any more, also when it is started again. */
function dropUnbegun({ execs }: Containers, live: Live): void {
  for (const { id, state } of [...live.execs.values()]) {
    if (state !== 'created') continue;
    live.execs.delete(id);
    execs.delete(id);
  }
}

async function settle(
  containers: Containers,
  { id, running, startAgain }: Ended,
  exit: Ending,
): Promise<void> {
  const live = containers.live(id);
  const before = containers.store.get(id);
  if (before === undefined || live.running !== running || !isAlive(before.state)) return;
  failpoint('stop.ended');
  live.running = undefined;
  live.stopHealth?.();
  dropUnbegun(containers, live);
  using held = new DisposableStack();
  live.tree.isUsedUntil(new Promise(resolve => held.defer(resolve)));
  if (exit.oomKilled && !before.state.oomKilled) containers.tell(before, 'oom');
  const { networks, volumes } = containers.needs;
  await giveBack(containers, before, 'network', () => networks.release(before));
  await giveBack(containers, before, 'mounts', () => volumes.close(before));
  const again = !containers.isShuttingDown && wantsRetry(before, live, exit.exitCode);
  const kind = again ? 'retry' : exit.isLost ? 'lost' : 'exit';
  const record = containers.change(id, { kind, ...exit });
  failpoint('stop.recorded');
  const execDuration = secondsBetween(before.state.startedAt, exit.finishedAt);
  containers.tell(record, 'die', { execDuration, exitCode: String(exit.exitCode) });
  live.exits.tell({ exitCode: exit.exitCode, ...(exit.error && { error: exit.error }) });
  // First they have their answers.
  await setImmediate();
  await giveBack(containers, before, 'processes', () => running.release());
  held.dispose();
  if (containers.store.isWritten(id)) removeFolder(containers, id);
  failpoint('stop.folder');
  if (again) {
    const delayMs = retryDelayMs(live, Number(execDuration));
    return scheduleRetry(live, delayMs, () => startAgain(id));
  }
  if (record.hostConfig.AutoRemove && !live.isRestarting) {
    await removeNow(containers, id, { withVolumes: true });
  }
}

async function giveBack(
  { needs }: Containers,
  { id }: ContainerRecord,
  what: 'network' | 'mounts' | 'processes',
  step: () => void | Promise<void>,
): Promise<void> {
  try {
    await step();
  } catch (error) {
    needs.warn(`the ${what} of container ${id} could not be given back: ${String(error)}`);
  }
  failpoint(`stop.${what}`);
}

/** Three small files: to have a thread do it would take longer. */
function removeFolder(containers: Containers, id: ContainerId): void {
  try {
    rmSync(containers.execFolderOf(id), { recursive: true, force: true });
  } catch (error) {
    containers.needs.warn(`the folder of container ${id} stays: ${String(error)}`);
  }
}

function secondsBetween(from: string, to: string): string {
  const [start = 0n, end = 0n] = [timeOf(from), timeOf(to)];
  return String((end - start) / 1_000_000_000n);
}
