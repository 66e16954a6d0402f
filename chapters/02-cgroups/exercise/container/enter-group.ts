// Made from ../../container/enter-group.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// A second process enters a container: its namespaces, as before, and its groups.
//
// - `enterGroup(pid, …)`: runs a command in both
// - `enterGroupRequest(pid, …)`: the same as a request, to be printed or compared
//
// Chapter 01's `enter` left it outside of every limit: a shell beside the container
// could take what the container may not.

import {
  insideProgram,
  namespacesToJoin,
  type EnterOptions,
} from '@slipway/namespaces';
import { enterRequest } from '@slipway/namespaces/container/enter.ts';
import { enter, openPidfd, type Child, type SpawnRequest } from '@slipway/native';
import type { Group } from '../group/group.ts';

/** @throws SyscallError as chapter 01's, and EBUSY when the container is paused */
export async function enterGroup(
  pid: number,
  group: Group,
  options: EnterOptions,
): Promise<Child> {
  using target = openPidfd(pid);
  const namespaces = namespacesToJoin(pid);
  return await enter({
    target: { pidfd: target.descriptor, namespaces },
    cgroups: groupsToJoin(group),
    program: insideProgram(namespaces, options),
    ...(options.stdio && { stdio: options.stdio }),
  });
}

/** What `enterGroup` would run; nothing is run. */
export function enterGroupRequest(
  pid: number,
  group: Group,
  options: EnterOptions,
): SpawnRequest {
  return { ...enterRequest(pid, options), cgroups: groupsToJoin(group) };
}

function groupsToJoin(group: Group): readonly string[] {
  // YOUR PART join-groups: The namespaces of a process are joined with setns. Its
  // limits are those of its groups: which directories has this process to be in as
  // well?
  void group;
  return [];
}
// As made: 05c34e6f
