// A second process enters the namespaces of a first one: what `docker exec` is.
//
// - `enter(request)`: by pidfd, all kinds in one setns(2); or by path, one kind each
//
// A PID or time namespace takes in only children, so the program forks after joining one.
// Joining the user namespace comes first: it gives the rights to join the others.

import { call, native } from '../binding.ts';
import type { Child } from './child.ts';
import { step, type Namespace, type Step } from '../program/program.ts';
import { spawn, type Spawn, type SpawnRequest } from './spawn.ts';

/** The namespaces to join: some of a process's, or files such as `/run/netns/blue`. */
export type EnterTarget =
  | { readonly pidfd: number; readonly namespaces: readonly Namespace[] }
  | { readonly paths: ReadonlyMap<Namespace, string> };

export interface EnterRequest extends Omit<SpawnRequest, 'namespaces' | 'descriptors'> {
  readonly target: EnterTarget;
}

/** A child that runs `program` inside the target's namespaces. @throws as `spawn` */
export async function enter(request: EnterRequest, start: Spawn = spawn): Promise<Child> {
  const { target, program, ...rest } = request;
  if ('pidfd' in target) {
    const joined = [...joinByPidfd(target.namespaces), ...program];
    return start({ ...rest, descriptors: [target.pidfd], program: joined });
  }
  const paths = [...target.paths].toSorted(
    ([a], [b]) => Number(b === 'user') - Number(a === 'user'),
  );
  const descriptors: number[] = [];
  try {
    for (const [, path] of paths) descriptors.push(call(() => native().openReadOnly(path)));
    const joins = paths.map(([kind], index) => step.setns(index, [kind]));
    const kinds = paths.map(([kind]) => kind);
    return await start({
      ...rest,
      descriptors,
      program: [...joins, ...forkIfNeeded(kinds), ...program],
    });
  } finally {
    for (const descriptor of descriptors) native().close(descriptor);
  }
}

/** The steps that join `namespaces` of the process behind descriptor 0. */
export function joinByPidfd(namespaces: readonly Namespace[]): readonly Step[] {
  if (namespaces.length === 0) return [];
  return [step.setns(0, namespaces), ...forkIfNeeded(namespaces)];
}

function forkIfNeeded(namespaces: readonly Namespace[]): readonly Step[] {
  return namespaces.some(kind => kind === 'pid' || kind === 'time') ? [step.fork()] : [];
}
