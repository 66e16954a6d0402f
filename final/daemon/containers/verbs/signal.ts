// A signal for a container that runs, and its end.
//
// - `sendSignal(containers, record, signal)`: throws CONFLICT if it does not run
// - `endByHand(containers, id, how)`: a signal, a time to end in, and then SIGKILL
// - `cancelRestart(containers, id)`: of one that only waits to be started again
// - `stopSignalOf(record)`
//
// None of these holds the container's queue: its end wants a turn there.

import { failpoint } from '../../../engine/failpoints.ts';
import { conflict, failed } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import { parseSignal } from '../create/signals.ts';
import type { ContainerId, ContainerRecord } from '../record/record.ts';
import { isAlive } from '../record/state.ts';
import { cancelRetry } from '../run/retry.ts';

const [sigkill, sigterm] = [9, 15];

export function stopSignalOf({ config }: ContainerRecord): number {
  return parseSignal(config.StopSignal ?? '') ?? sigterm;
}

export async function sendSignal(
  containers: Containers,
  id: ContainerId,
  signal: number,
): Promise<void> {
  const record = containers.get(id);
  const { running } = containers.live(id);
  if (running === undefined || !isAlive(record.state)) {
    throw conflict(`container ${id} is not running`);
  }
  const isEnd = record.config.StopSignal === undefined || signal === sigkill;
  if (isEnd || signal === stopSignalOf(record)) markStopped(containers, id);
  containers.tell(record, 'kill', { signal: String(signal) });
  failpoint('stop.marked');
  await running.kill(signal);
  failpoint('stop.signalled');
}

/** Whatever its policy says, it is not started again. */
export function markStopped(containers: Containers, id: ContainerId): void {
  containers.live(id).isStopping = true;
  const record = containers.store.get(id);
  if (record === undefined || containers.isShuttingDown || record.stoppedByHand) return;
  containers.note({ ...record, stoppedByHand: true });
}

export interface EndHow {
  readonly signal: number;
  /** Before SIGKILL; negative: for ever. */
  readonly timeoutS: number;
}

/** How long a process may take to die of SIGKILL: it may wait for a disk. */
const killPatienceMs = 10_000;
/** How long an end is put in order; longer only if an earlier daemon's keeper does not answer. */
const settlingMs = 2000;

/** Resolves when it has ended. @throws FAILED if not even SIGKILL ends it */
export async function endByHand(
  containers: Containers,
  id: ContainerId,
  { signal, timeoutS }: EndHow,
): Promise<void> {
  const { exits } = containers.live(id);
  using ended = until(exits.next.bind(exits));
  await strike(containers, id, signal);
  if (!isThere(containers, id)) return;
  if (await ended.within(timeoutS < 0 ? Infinity : timeoutS * 1000)) return;
  const isStruck = await strike(containers, id, sigkill);
  const patienceMs = isStruck ? killPatienceMs : settlingMs;
  if (!isThere(containers, id) || (await ended.within(patienceMs))) return;
  // Nobody tells us of it: if it is not the process that is stuck, it is its keeper.
  containers.needs.driver.abandon(containers.get(id).state.pid);
  if (!isThere(containers, id) || (await ended.within(killPatienceMs))) return;
  throw failed(`container ${id} has got SIGKILL and has not ended`);
}

function isThere(containers: Containers, id: ContainerId): boolean {
  const record = containers.store.get(id);
  return record !== undefined && isAlive(record.state);
}

/** If there is somebody to send it to: its end may just be put in order. */
async function strike(containers: Containers, id: ContainerId, signal: number): Promise<boolean> {
  const isOurs = containers.live(id).running !== undefined;
  if (!isOurs || !isThere(containers, id)) return false;
  await sendSignal(containers, id, signal);
  return true;
}

interface Until extends Disposable {
  /** Whether it came in time. */
  within(ms: number): Promise<boolean>;
}

function until(next: (signal: AbortSignal) => Promise<unknown>): Until {
  const leaving = new AbortController();
  const came = next(leaving.signal).then(() => true);
  return {
    within: async ms => {
      if (ms === Infinity) return came;
      const late = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => late.resolve(false), ms);
      try {
        return await Promise.race([came, late.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
    [Symbol.dispose]: () => leaving.abort(),
  };
}

export function cancelRestart(containers: Containers, id: ContainerId): void {
  const live = containers.live(id);
  cancelRetry(live);
  markStopped(containers, id);
  const { state } = containers.change(id, { kind: 'cancelRetry' });
  live.exits.tell({ exitCode: state.exitCode });
}
