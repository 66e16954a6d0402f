// Control groups that are there already: of a container that an earlier daemon has started.
//
// - `findGroup(groups, place)`: undefined if there is none
// - `removeGroup(group)`: ends what is left in it
// - `dismiss(keeper, group)`: it has no more to do; its children are ended first
// - `abandon(pid)`: SIGKILL for the keeper of this process, if it is one

import { readFileSync } from 'node:fs';
import type { Keeper } from '@slipway/native';
import {
  ControlGroupError,
  openGroup,
  type ControlGroups,
  type Group,
} from '../../libcontainer/groups.ts';
import type { GroupPlace } from '../../libcontainer/limits.ts';

export function findGroup(groups: ControlGroups, place: GroupPlace): Group | undefined {
  try {
    return openGroup(groups, place);
  } catch (error) {
    if (error instanceof ControlGroupError && error.code === 'GONE') return undefined;
    throw error;
  }
}

export async function removeGroup(group: Group): Promise<void> {
  await group.kill();
  await group.remove();
}

/** A keeper that has no child ends at once, unless somebody has stopped it. */
const farewellMs = 5000;

export async function dismiss(keeper: Keeper, group?: Group): Promise<void> {
  // It stays as long as it has a child.
  await group?.kill();
  const timer = setTimeout(() => endKeeper(keeper.pid), farewellMs);
  try {
    await keeper.bye();
  } finally {
    clearTimeout(timer);
    keeper[Symbol.dispose]();
  }
}

export function abandon(pid: number): void {
  const [, parent] = /^PPid:\s+(\d+)$/m.exec(statusOf(pid)) ?? [];
  if (parent !== undefined) endKeeper(Number(parent));
}

/** A number may belong to somebody else by now. */
function endKeeper(pid: number): void {
  if (!/^Name:\s+slipway-keeper$/m.test(statusOf(pid))) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function statusOf(pid: number): string {
  try {
    return pid > 0 ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  } catch {
    return '';
  }
}
