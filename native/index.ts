// The public face of native/: programs of system calls, and what runs them.
//
// - `step`, `Step`, `Namespace`: the grammar of a program
// - `spawn`, `enter`, `Child`: run one
// - `explainProgram`, `checkProgram`, `recordingSpawn`: print it, check it, record it
// - `SyscallError`: a refusal of the kernel, with its step and its likely cause
//
// The parts: wire/ (the grammar and the handshake, in Rust), init/ (slipway-init, the child's
// side), addon/ (the parent's side), and the TypeScript beside this file.

import { call, native } from './binding.ts';

export { checkProgram, ProgramError } from './check-program.ts';
export {
  sendSignal,
  type Child,
  type ExitStatus,
  type StepTiming,
  type Terminal,
} from './child.ts';
export { enter, joinByPidfd, type EnterRequest, type EnterTarget } from './enter.ts';
export { explainProgram, explainStep, type Explained } from './explain.ts';
export {
  cloneFlags,
  namespaceKinds,
  step,
  type MountFlag,
  type Namespace,
  type Propagation,
  type Step,
} from './program.ts';
export { recordingSpawn, type RecordingScript, type RecordingSpawn } from './recording-spawn.ts';
export { spawn, type Spawn, type SpawnRequest } from './spawn.ts';
export type { Stdio, StreamSource } from './stdio.ts';
export { errnoName, SyscallError, type Reason } from './syscall-error.ts';

/**
 * A pidfd of `pid`, close-on-exec, to be disposed of. @throws SyscallError ESRCH if it has ended
 */
export function openPidfd(pid: number): Disposable & { readonly descriptor: number } {
  const descriptor = call(() => native().pidfdOpen(pid));
  return { descriptor, [Symbol.dispose]: () => native().close(descriptor) };
}

/**
 * A bind mount of `path` that hangs nowhere, to be attached by a child (`step.attach`); disposing
 * closes it, which is all the clean-up there is.
 *
 * @throws SyscallError EPERM without CAP_SYS_ADMIN, ENOENT if there is no such path
 */
export function cloneTree(path: string, recursive = true): OpenMount {
  const descriptor = call(() => native().openTree(path, recursive));
  return { descriptor, [Symbol.dispose]: () => native().close(descriptor) };
}

/** A mount that hangs nowhere yet. */
export interface OpenMount extends Disposable {
  readonly descriptor: number;
}
