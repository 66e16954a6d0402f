// Made from ../../container/enter.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// A second process enters a container: what `docker exec` is.
//
// - `enterContainer(pid, …)`: runs a command in every namespace in which `pid` differs
//   from us
// - `enterRequest(pid, …)`: the same as a request, to be printed or compared
//
// There is no container to enter. There is a process, and its /proc/PID/ns; the pidfd
// that we open first makes sure that it stays the same process while we look at it.
// Source: setns(2).

import {
  enter,
  joinByPidfd,
  openPidfd,
  step,
  type Child,
  type Namespace,
  type SpawnRequest,
  type Step,
  type Stdio,
} from '@slipway/native';
import { differing, readNamespaces } from '../../container/namespaces.ts';

export interface EnterOptions {
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly stdio?: Stdio;
  /** A terminal of the container's own, of this size. */
  readonly terminal?: { readonly rows: number; readonly columns: number };
}

/**
 * A child that runs inside the namespaces of `pid`.
 *
 * @throws SyscallError ESRCH if there is no such process, EPERM if it is not ours to
 *   enter, and as `spawn`
 */
export async function enterContainer(
  pid: number,
  options: EnterOptions,
): Promise<Child> {
  using target = openPidfd(pid);
  const namespaces = namespacesToJoin(pid);
  return await enter({
    target: { pidfd: target.descriptor, namespaces },
    program: insideProgram(namespaces, options),
    ...(options.stdio && { stdio: options.stdio }),
  });
}

/** What `enterContainer` would run; nothing is run. */
export function enterRequest(pid: number, options: EnterOptions): SpawnRequest {
  const namespaces = namespacesToJoin(pid);
  const inside = insideProgram(namespaces, options);
  return { program: [...joinByPidfd(namespaces), ...inside] };
}

/** The kinds in which `pid` has another view than we have. */
export function namespacesToJoin(pid: number): readonly Namespace[] {
  // YOUR PART join-what-differs: Joining the user namespace that one is in already is
  // refused (EINVAL). Which kinds does the new process have to join, then?
  void readNamespaces(pid);
  return differing(readNamespaces('self'), readNamespaces('self'));
}

/** What the process does once it is inside. */
export function insideProgram(
  namespaces: readonly Namespace[],
  options: EnterOptions,
): readonly Step[] {
  return [
    // Whoever joins a user namespace is nobody there until it says who it is.
    ...(namespaces.includes('user') ? [step.setIds(0, 0)] : []),
    options.terminal
      ? step.openTerminal(options.terminal.rows, options.terminal.columns)
      : step.newSession(),
    step.exec(options.argv, options.env),
  ];
}
// As made: 7126ef51
