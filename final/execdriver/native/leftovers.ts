// Control groups that are there already: of a container that an earlier daemon has started.
//
// - `findGroup(groups, place)`: undefined if there is none
// - `removeGroup(group)`: ends what is left in it

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
