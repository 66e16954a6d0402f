// Restart policies: whether a container that has ended begins again, and when.
//
// - `wantsRetry(record, live, exitCode)`: what its policy says of this end
// - `retryDelayMs(live, ranSeconds)`: 100 ms, doubled each time up to a minute; anew after 10 s
// - `scheduleRetry`, `cancelRetry`
//
// Source: `docker run --restart`; the numbers are dockerd's.

import type { Live } from '../core/live.ts';
import type { ContainerRecord } from '../record/record.ts';

const [firstMs, longestMs, calmSeconds] = [100, 60_000, 10];

export function wantsRetry(record: ContainerRecord, live: Live, exitCode: number): boolean {
  if (live.isStopping || record.stoppedByHand) return false;
  const { Name, MaximumRetryCount } = record.hostConfig.RestartPolicy;
  switch (Name) {
    case 'always':
    case 'unless-stopped':
      return true;
    case 'on-failure':
      return exitCode !== 0 && (MaximumRetryCount === 0 || record.restartCount < MaximumRetryCount);
    default:
      return false;
  }
}

export function retryDelayMs(live: Live, ranSeconds: number): number {
  if (ranSeconds >= calmSeconds) live.retries = 0;
  const delayMs = Math.min(firstMs * 2 ** live.retries, longestMs);
  live.retries += 1;
  return delayMs;
}

export function scheduleRetry(live: Live, delayMs: number, again: () => Promise<void>): void {
  cancelRetry(live);
  live.retry = setTimeout(() => {
    live.retry = undefined;
    void live.queue.run(again);
  }, delayMs);
}

export function cancelRetry(live: Live): void {
  clearTimeout(live.retry);
  live.retry = undefined;
}
