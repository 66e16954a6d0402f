/**
 * Ending processes that an owner left behind.
 *
 * - markedProcesses(mark)    those that carry NAME=VALUE in their environment, save ourselves
 * - endAll(processes)        killed, and waited for until the kernel no longer lists them as
 *                            running
 *
 * Invariant: a process is killed only while its start time is the one that was seen, for a pid by
 * itself may meanwhile belong to somebody else.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { thawGroupOf } from '../proc/freezer.ts';
import { environOf, isRunning, listProcesses, type ProcessIdentity } from '../proc/processes.ts';
import type { Undone } from './things.ts';

/** A value may be a path of marks, joined by colons: one mark for each of ours above it. */
export function markedProcesses(mark: string): ProcessIdentity[] {
  const equals = mark.indexOf('=');
  const [name, value] = [mark.slice(0, equals), mark.slice(equals + 1)];
  return listProcesses()
    .filter(({ pid, state }) => pid !== process.pid && state !== 'Z')
    .filter(({ pid }) => environOf(pid).get(name)?.split(':').includes(value) === true);
}

export async function endAll(processes: readonly ProcessIdentity[]): Promise<Undone> {
  if (processes.length === 0) return 'absent';
  for (const { pid } of processes.filter(isRunning)) kill(pid);
  for (let attempt = 0; processes.some(isRunning); attempt += 1) {
    if (attempt === 200) throw new Error(`process ${processes.find(isRunning)?.pid} does not die`);
    // Most are gone by then.
    if (attempt === 20) for (const { pid } of processes.filter(isRunning)) thawGroupOf(pid);
    await sleep(10);
  }
  return 'done';
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}
