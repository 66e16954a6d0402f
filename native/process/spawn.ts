// The start of a container: a request goes in, a running application comes out.
//
// - `spawn(request)`: resolves at `execve`; rejects when a step was refused, with nothing left
// - `Child`: what the caller then holds: pid, pidfd, streams, terminal, timings
// - `Spawn`: the type of `spawn`, which callers take as a parameter so that tests can record
//
// Invariant: whatever fails, the child is dead, reaped, and every descriptor is closed before the
// promise rejects. What is said between birth and `execve` stands in `handshake.ts`.

import { answer, call, initDescriptor, native } from '../binding.ts';
import { checkProgram, ProgramError } from '../program/check-program.ts';
import { RunningChild, type Child } from './child.ts';
import { countOf, follow } from './handshake.ts';
import { combineFlags } from '../program/explain.ts';
import type { Namespace, Step } from '../program/program.ts';
import { parentStreams, streamNumbers, type Stdio } from './stdio.ts';

export interface SpawnRequest {
  /**
   * New namespaces, made by `clone3` together with the child. Default: none.
   * `time` works so since Linux 6.3; before, unshare it and fork.
   */
  readonly namespaces?: readonly Namespace[];
  /** Directories of control groups (either version) to be inside of from birth. */
  readonly cgroups?: readonly string[];
  /** What the child does, in order; the last step is `exec`. */
  readonly program: readonly Step[];
  /** Descriptors 0 to 2. Default: the caller's own. */
  readonly stdio?: Stdio;
  /** Descriptors that steps name by index. They stay the caller's to close. */
  readonly descriptors?: readonly number[];
  /** Runs when the child stands at a barrier; the child goes on when the promise has resolved. */
  readonly onBarrier?: (name: string, child: Child) => void | Promise<void>;
  /** SIGKILL the application when this process ends, however it ends. Default: true. */
  readonly dieWithParent?: boolean;
}

export type Spawn = (request: SpawnRequest) => Promise<Child>;

/**
 * A child that has become its application.
 *
 * @throws ProgramError before anything has run, if the program breaks a rule
 * @throws SyscallError naming the step that the kernel refused
 */
export const spawn: Spawn = async request => {
  refuseWrong(request);
  const child = giveBirth(request);
  try {
    // A program that starts a keeper is followed beside other work.
    await follow(child, request, request.program.at(-1)?.call === 'exec');
    return child;
  } catch (error) {
    child.closeChannel();
    await child[Symbol.asyncDispose]();
    throw error;
  } finally {
    child.closeChannel();
  }
};

/** @throws ProgramError */
export function refuseWrong(
  request: Pick<SpawnRequest, 'program' | 'namespaces' | 'descriptors'>,
): void {
  const problems = checkProgram({
    program: request.program,
    namespaces: request.namespaces ?? [],
    descriptorCount: request.descriptors?.length ?? 0,
  });
  if (problems.length > 0) throw new ProgramError(problems);
}

/** The program as slipway-init reads it. */
export function programText(request: Pick<SpawnRequest, 'program' | 'dieWithParent'>): string {
  return JSON.stringify({
    version: 1,
    dieWithParent: request.dieWithParent ?? true,
    steps: request.program,
  });
}

function giveBirth(request: SpawnRequest): RunningChild {
  const born = answer();
  call(() =>
    native().spawn(
      {
        init: initDescriptor(),
        program: programText(request),
        flags: combineFlags(request.namespaces ?? []),
        needsRights: request.program[0]?.call !== 'exec',
        stdio: streamNumbers(request.stdio ?? ['inherit', 'inherit', 'inherit']),
        descriptors: [...(request.descriptors ?? [])],
        cgroups: [...(request.cgroups ?? [])],
      },
      born,
    ),
  );
  const birth = { pid: born[0] ?? 0, pidfd: born[1] ?? -1, channel: born[2] ?? -1 };
  const ends = [born[3] ?? -1, born[4] ?? -1, born[5] ?? -1];
  return new RunningChild(birth, parentStreams(ends), countOf('fork', request.program));
}
