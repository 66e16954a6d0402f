// A keeper that somebody has stopped answers nobody: whoever asks it is told so.
//
// - `answered(keeper, id, asked)`: what was asked for; @throws UNAVAILABLE
//
// It is no time-out: one that only has much to do is waited for. What comes after all, when the
// keeper has been let go on, is `undo`'s. Source: proc_pid_stat(5), the state `T`.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Keeper } from '@slipway/native';
import { Refusal } from '../../engine/refusal.ts';

/** So long somebody may hold it who is about to let it go on. */
const patienceMs = 5000;

export async function answered<T>(
  keeper: Keeper,
  id: string,
  asked: Promise<T>,
  undo: (late: T) => void,
): Promise<T> {
  const done = asked.then(value => ({ value }));
  for (;;) {
    const over = new AbortController();
    const patience = sleep(patienceMs, undefined, { signal: over.signal }).catch(() => undefined);
    const outcome = await Promise.race([done, patience]).finally(() => over.abort());
    if (outcome !== undefined) return outcome.value;
    if (!isStopped(keeper.pid)) continue;
    asked.then(undo, () => undefined);
    const who = `the keeper of container ${id}`;
    throw new Refusal(
      'UNAVAILABLE',
      `${who} (process ${keeper.pid}) is stopped and does not answer`,
    );
  }
}

function isStopped(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return /^[Tt]/.test(text.slice(text.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
