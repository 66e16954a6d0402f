// Whether the memory limit ended a container, told in one line.
//
// - `memoryEnded(group, status)`: the line, or undefined
//
// The kernel kills with SIGKILL and says why only to itself: to a shell it is 137, as
// after `kill -9`. The group has counted it.

import type { Group } from '../group/group.ts';

export function memoryEnded(group: Group, status: number): string | undefined {
  // #hole tell-oom: 137 alone could be anybody's `kill -9`. What did the group count,
  // and what was its limit? `group.events()` and `group.stats()` know.
  const kills = group.events().oomKills ?? 0;
  if (kills === 0) return undefined;
  const limit = group.stats().memory?.limitBytes;
  const mebibytes =
    limit === undefined ? '' : ` of ${(limit / 2 ** 20).toFixed(0)} MiB`;
  const what = status === 137 ? 'it' : `${kills} of its processes`;
  return `the memory limit${mebibytes} ended ${what} (--memory raises it)`;
  // #instead
  // void [group, status];
  // return undefined;
  // #endhole
}
