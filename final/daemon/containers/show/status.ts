// A container's state in words, as `docker ps` shows it.
//
// - `statusText(state, now)`: `Up 3 minutes (Paused)`, `Exited (0) 2 seconds ago`
// - `humanDuration(nanoseconds)`: in one unit, as Docker rounds

import { timeOf, type Moment } from '../core/moments.ts';
import { never, type State } from '../record/state.ts';

export function statusText(state: State, now: Moment): string {
  const since = (written: string): string => humanDuration(now - (timeOf(written) ?? now));
  switch (state.status) {
    case 'running':
      return `Up ${since(state.startedAt)}${healthText(state)}`;
    case 'paused':
      return `Up ${since(state.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
    case 'created':
      return 'Created';
    case 'exited':
      if (state.finishedAt === never) return 'Created';
      return `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`;
  }
}

function healthText({ health }: State): string {
  if (health === undefined) return '';
  return health.status === 'starting' ? ' (health: starting)' : ` (${health.status})`;
}

const second = 1_000_000_000n;

export function humanDuration(nanoseconds: bigint): string {
  const seconds = Number(nanoseconds / second);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(seconds / 3600 + 0.5);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(seconds / 3600 / 24 / 365)} years`;
}
