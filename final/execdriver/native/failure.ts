// A refusal of the kernel, in the words in which Docker's users know it.
//
// - `startFailure(error)`: what is thrown instead of `error`
//
// Clients look for some of these phrases to choose an exit code (125, 126, 127), and schedulers
// show them. Source: runc's libcontainer, as seen from its users' side; os/exec of Go.

import { SyscallError } from '@slipway/native';
import { errnoText } from '../../engine/errno-text.ts';
import { Refusal } from '../../engine/refusal.ts';
import { ControlGroupError } from '../../libcontainer/groups.ts';
import { StartFailure } from '../start-failure.ts';

/** @param argv of the process that did not start */
export function startFailure(error: unknown, argv: readonly string[]): unknown {
  if (error instanceof SyscallError) return refusedCall(error, argv[0] ?? '');
  if (error instanceof ControlGroupError) {
    const isTheirs = wrongLimits.has(error.code) || isWrongValue(error.cause);
    return new StartFailure(isTheirs ? 'INVALID' : 'FAILED', 128, error.message, { cause: error });
  }
  if (error instanceof Refusal) return error;
  if (error instanceof Error && error.message.startsWith('slipway-init ended')) {
    const message = `the container ended before its program could begin: ${error.message}`;
    return new StartFailure('FAILED', 128, message, { cause: error });
  }
  return error;
}

const wrongLimits: ReadonlySet<string> = new Set(['UNSUPPORTED', 'OPTION', 'NOT_TAKEN']);

/** With these the kernel blames what it was given: a name, a path, a number of the caller's. */
const wrongValue: ReadonlySet<string> = new Set([
  ...['EINVAL', 'ERANGE', 'EDOM', 'ENODEV', 'ENXIO'],
  ...['ENAMETOOLONG', 'ELOOP', 'ENOTDIR', 'EISDIR'],
]);

function isWrongValue(error: unknown): boolean {
  return error instanceof Error && 'code' in error && wrongValue.has(String(error.code));
}

/** What a caller has written as it stands: whatever is wrong with it is for him to know. */
const theirCalls: ReadonlySet<string> = new Set(['setrlimit', 'sethostname', 'chdir']);

/** What a caller never sees or says: whatever is wrong with it is this engine's doing. */
const ourCalls: ReadonlySet<string> = new Set([
  ...['clone', 'clone3', 'setns', 'unshare', 'pivot_root', 'umount2'],
  ...['open_tree', 'mount_setattr', 'capset', 'bpf', 'fsopen', 'fsmount'],
]);

function refusedCall(cause: SyscallError, name: string): StartFailure {
  const { code, syscall, reason } = cause;
  const why = errnoText(cause);
  const cannotRun = (exitCode: 126 | 127, message: string): StartFailure =>
    new StartFailure('INVALID', exitCode, message, { cause });
  const quoted = JSON.stringify(name);
  if (syscall === 'execve') {
    switch (reason?.kind) {
      case 'notFound':
        return name.includes('/')
          ? cannotRun(127, `exec: ${quoted}: stat ${name}: no such file or directory`)
          : cannotRun(127, `exec: ${quoted}: executable file not found in $PATH`);
      case 'isDirectory':
        return cannotRun(126, `exec: ${quoted}: is a directory`);
      case 'notExecutable':
      case 'noexecMount':
        return cannotRun(126, `exec: ${quoted}: permission denied`);
      case 'interpreterMissing':
        return cannotRun(127, `exec ${reason.path}: no such file or directory`);
      case 'wrongArchitecture':
      case 'notAProgram':
        return cannotRun(126, `exec ${reason.path}: exec format error`);
      default:
        return cannotRun(code === 'ENOENT' ? 127 : 126, `exec: ${quoted}: ${why}`);
    }
  }
  if (isConfused(cause)) {
    return new StartFailure('INVALID', 127, `error mounting ${cause.args}: ${why}: ${confused}`, {
      cause,
    });
  }
  const mayBeTheirs = isWrongValue(cause) && !ourCalls.has(syscall);
  const isTheirs = theirCalls.has(syscall) || cause.args.includes('/proc/sys/') || mayBeTheirs;
  return new StartFailure(isTheirs ? 'INVALID' : 'FAILED', 128, otherCall(cause, why), { cause });
}

const confused =
  'Are you trying to mount a directory onto a file (or vice-versa)? ' +
  'Check if the specified host path exists and is the expected type';

function isConfused({ syscall, code }: SyscallError): boolean {
  const isMount = syscall === 'move_mount' || syscall === 'mount';
  return isMount && (code === 'ENOTDIR' || code === 'EISDIR');
}

function otherCall(error: SyscallError, why: string): string {
  const { syscall, args, hint } = error;
  if (syscall === 'sethostname') return `sethostname: ${why}`;
  if (syscall === 'chdir') return `chdir to cwd (${args}) set in config.json failed: ${why}`;
  if (syscall === 'setrlimit') return `error setting rlimits: ${args}: ${why}`;
  if (args.includes('/proc/sys/'))
    return `open ${/"(\/proc\/sys\/[^"]*)"/.exec(args)?.[1]}: ${why}`;
  return `${syscall}(${args}): ${why}${hint === undefined ? '' : `: ${hint}`}`;
}
