/**
 * Control groups of every mounted hierarchy, by their full path. Value: none, existing is all.
 *
 * Managers (systemd, docker, a sandbox) make and remove groups all the time. A group is somebody
 * else's
 *   - when the processes in it, or below it, are all somebody else's;
 *   - when it is empty but lies in a group that stood there before, is no ancestor of ours to use
 *     freely, and is not named after us: there its manager does the housekeeping.
 * What is made at the top of a hierarchy, or in our own group, and is empty, counts as ours.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isInside } from '../proc/mountinfo.ts';
import { hierarchies } from '../requires/cgroups.ts';
import type { Fact, Facts, Holder, Kind, View } from './state.ts';

export const cgroups: Kind = {
  name: 'cgroup',
  read(view) {
    const facts: Record<string, Fact> = {};
    for (const { mountPoint, ownGroup } of hierarchies()) {
      const own =
        ownGroup === undefined || ownGroup === '/' ? undefined : join(mountPoint, ownGroup);
      for (const child of groupsIn(mountPoint)) walk(child, own, view, facts);
    }
    return facts;
  },
  foreign({ name, change }, before, after) {
    const holder = (change === 'vanished' ? before : after)[name]?.holder;
    if (holder === 'others') return true;
    return holder === 'nobody' && isManaged(name, before);
  },
};

/** Fills in the facts of a group and of all below it; → who holds it. */
function walk(
  group: string,
  own: string | undefined,
  view: View,
  facts: Record<string, Fact>,
): Holder {
  const holders = [holderOf(group, view)];
  for (const child of groupsIn(group)) holders.push(walk(child, own, view, facts));
  const holder = holders.find(one => one === 'ours') ?? holders.find(one => one === 'others');
  facts[group] = {
    value: '',
    holder: holder ?? 'nobody',
    ...(group === own && { holder: 'ours' }),
  };
  return holder ?? 'nobody';
}

function groupsIn(group: string): string[] {
  try {
    return readdirSync(group, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => join(group, entry.name));
  } catch {
    return []; // removed while we looked
  }
}

function holderOf(group: string, view: View): Holder {
  const pids = pidsIn(group);
  if (pids.length === 0) return 'nobody';
  return pids.some(pid => pid === process.pid || view.ours.has(pid)) ? 'ours' : 'others';
}

function pidsIn(group: string): number[] {
  try {
    return readFileSync(join(group, 'cgroup.procs'), 'utf8')
      .split('\n')
      .map(Number)
      .filter(Boolean);
  } catch {
    return []; // removed meanwhile, or a threaded group, which does not tell
  }
}

/** Whether the nearest group around it that stood there before belongs to a manager. */
function isManaged(group: string, before: Facts): boolean {
  if (/\/slipway/.test(group)) return false;
  for (let parent = dirname(group); parent !== '/'; parent = dirname(parent)) {
    const fact = before[parent];
    if (fact === undefined) continue;
    const inOurs = fact.holder === 'ours' && !hasForeignSibling(parent, before);
    return !inOurs;
  }
  return false;
}

/** A group that holds us and others beside us is the common parent, which its manager runs. */
function hasForeignSibling(parent: string, before: Facts): boolean {
  return Object.entries(before).some(
    ([name, { holder }]) => isInside(name, parent) && holder === 'others',
  );
}
