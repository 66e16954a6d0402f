// The exit status of a container run, by the conventions of shells and of Docker.
//
// - 0 to 255: the application's own
// - 128 + n: signal n ended it
// - 125: we failed before the application could be tried
// - 126: the program is there and cannot be run; 127: it is not there
//
// Source: "Exit Status" of the POSIX shell; `docker run` uses the same numbers.

import { constants } from 'node:os';
import { SyscallError, type ExitStatus } from '@slipway/native';

/** The status for a shell of how an application ended. */
export function exitStatusOf(status: ExitStatus): number {
  // #hole signal-status: A shell has one number for "how did it end". A process that a
  // signal ended has no exit status of its own: which number says both, that a signal
  // ended it and which one?
  if ('signal' in status) return 128 + constants.signals[status.signal];
  // #instead
  // if ('signal' in status) return constants.signals[status.signal];
  // #endhole
  return status.code;
}

/** The status for a container whose application never ran. */
export function exitStatusOfFailure(error: unknown): number {
  const refusedProgram = error instanceof SyscallError && error.syscall === 'execve';
  if (!refusedProgram) return 125;
  return error.reason?.kind === 'notFound' ? 127 : 126;
}
