// The start of a container: a request goes in, a running application comes out.
//
// - `spawn(request)`: resolves at `execve`; rejects when a step was refused, with nothing left
// - `Child`: what the caller then holds: pid, pidfd, streams, terminal, timings
// - `Spawn`: the type of `spawn`, which callers take as a parameter so that tests can record
//
// Invariant: whatever fails, the child is dead, reaped, and every descriptor is closed before the
// promise rejects. The protocol with slipway-init is drawn in `wire/src/lib.rs`.

import { call, initDescriptor, native, whenEnded, whenReadable } from '../binding.ts';
import { checkProgram, ProgramError } from '../program/check-program.ts';
import { RunningChild, type Child } from './child.ts';
import { combineFlags } from '../program/explain.ts';
import type { Namespace, Step } from '../program/program.ts';
import { parentStreams, streamNumbers, type Stdio } from './stdio.ts';
import { SyscallError, type Reason } from '../syscall-error.ts';
import type { Message } from '../dist/slipway.d.ts';

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

/** What slipway-init says; the wire's `Report`. */
type Report =
  | { readonly type: 'barrier'; readonly step: number; readonly name: string }
  | { readonly type: 'forked' | 'terminal'; readonly step: number }
  | { readonly type: 'executing'; readonly timingsNs: readonly number[] }
  | {
      readonly type: 'failed';
      readonly step: number;
      readonly syscall: string;
      readonly args: string;
      readonly errno: number;
      readonly reason?: Reason;
    };

/**
 * A child that has become its application.
 *
 * @throws ProgramError before anything has run, if the program breaks a rule
 * @throws SyscallError naming the step that the kernel refused
 */
export const spawn: Spawn = async request => {
  const problems = checkProgram({
    program: request.program,
    namespaces: request.namespaces ?? [],
    descriptorCount: request.descriptors?.length ?? 0,
  });
  if (problems.length > 0) throw new ProgramError(problems);
  const child = giveBirth(request);
  try {
    await follow(child, request);
    return child;
  } catch (error) {
    child.closeChannel();
    await child[Symbol.asyncDispose]();
    throw error;
  } finally {
    child.closeChannel();
  }
};

function giveBirth(request: SpawnRequest): RunningChild {
  const program = JSON.stringify({
    version: 1,
    dieWithParent: request.dieWithParent ?? true,
    steps: request.program,
  });
  const birth = call(() =>
    native().spawn({
      init: initDescriptor(),
      program,
      flags: combineFlags(request.namespaces ?? []),
      stdio: streamNumbers(request.stdio ?? ['inherit', 'inherit', 'inherit']),
      descriptors: [...(request.descriptors ?? [])],
      cgroups: [...(request.cgroups ?? [])],
    }),
  );
  const forks = countOf('fork', request.program);
  return new RunningChild(birth, parentStreams(birth.stdio), forks);
}

/** So many reports may lie in the channel unread; many more would fill it, and init would wait. */
const mostUnread = 32;

/**
 * Follows the child's reports until it has executed its application.
 *
 * Only a barrier wants an answer. Behind the last one nothing but the end of the channel wakes us:
 * the reports lie there until then, and a start costs one turn of the event loop.
 */
async function follow(child: RunningChild, request: SpawnRequest): Promise<void> {
  const heard = { executing: false, barriersLeft: countOf('barrier', request.program) };
  const isTalkative = request.program.filter(reports).length > mostUnread;
  for (;;) {
    const isQuiet = heard.barriersLeft === 0 && !isTalkative;
    await (isQuiet ? whenEnded : whenReadable)(child.channel);
    const unheard = call(() => native().receive(child.channel));
    try {
      for (let message = unheard.shift(); message !== undefined; message = unheard.shift()) {
        if (message.text === '') return await theEnd(heard.executing, child);
        await hear(message, heard, child, request);
      }
    } finally {
      // A report that was refused may have others behind it, and they their descriptors.
      for (const { descriptor } of unheard) if (descriptor !== -1) native().close(descriptor);
    }
  }
}

/** The channel is closed: by `execve` if that was announced, else by the death of init. */
async function theEnd(executing: boolean, child: RunningChild): Promise<void> {
  if (executing) return;
  child.closeChannel();
  const status = await child.wait();
  throw new Error(`slipway-init ended before its application began (${JSON.stringify(status)})`);
}

async function hear(
  message: Message,
  heard: { executing: boolean; barriersLeft: number },
  child: RunningChild,
  request: SpawnRequest,
): Promise<void> {
  const report: Report = JSON.parse(message.text);
  switch (report.type) {
    case 'barrier':
      heard.barriersLeft -= 1;
      return meetBarrier(report, child, request);
    case 'forked':
      return child.becomeForked(message.descriptor);
    case 'terminal':
      return child.takeTerminal(message.descriptor);
    case 'executing':
      heard.executing = true;
      return child.takeTimings(request.program, report.timingsNs);
    case 'failed': {
      const failedStep = request.program[report.step];
      throw new SyscallError({ ...report, ...(failedStep ? { failedStep } : {}) });
    }
  }
}

function countOf(kind: Step['call'], program: readonly Step[]): number {
  return program.filter(step => step.call === kind).length;
}

function reports(step: Step): boolean {
  return step.call === 'barrier' || step.call === 'fork' || step.call === 'openTerminal';
}

async function meetBarrier(
  report: Extract<Report, { type: 'barrier' }>,
  child: RunningChild,
  request: SpawnRequest,
): Promise<void> {
  if (request.onBarrier === undefined) {
    throw new Error(`step ${report.step}: nobody answers at the barrier ${report.name}`);
  }
  await request.onBarrier(report.name, child);
  try {
    call(() => native().go(child.channel));
  } catch (error) {
    // It was killed while it stood there; the end of its channel says so better than we could.
    if (!(error instanceof SyscallError && error.code === 'EPIPE')) throw error;
  }
}
