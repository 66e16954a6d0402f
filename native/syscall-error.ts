// A refusal of the kernel as a person reads it: which call, with what, which errno, likely why.
//
// - `SyscallError {syscall, errno, code, args, hint, step, reason}`
// - `syscallErrorFrom`: from what the addon threw
// - `errnoName`: `ENOENT` for 2
//
// Sources: errno(3) and the ERRORS section of each call's man page.

import { constants } from 'node:os';
import type { Step } from './program/program.ts';

/** What slipway-init saw of the reason: it stands inside the container, we do not. */
export type Reason =
  | { readonly kind: 'notFound'; readonly lookedIn: readonly string[] }
  | { readonly kind: 'interpreterMissing'; readonly path: string; readonly interpreter: string }
  | { readonly kind: 'wrongArchitecture'; readonly path: string; readonly machine: number }
  | { readonly kind: 'notExecutable'; readonly path: string }
  | { readonly kind: 'isDirectory'; readonly path: string }
  | { readonly kind: 'noexecMount'; readonly path: string }
  | { readonly kind: 'notAProgram'; readonly path: string }
  | { readonly kind: 'badProgram'; readonly message: string };

interface Refusal {
  readonly syscall: string;
  readonly args: string;
  readonly errno: number;
  readonly step?: number;
  readonly failedStep?: Step;
  readonly reason?: Reason;
}

/** A system call that the kernel refused, in the parent or in a step of the child. */
export class SyscallError extends Error {
  override readonly name = 'SyscallError';
  readonly syscall: string;
  /** The kernel's number; 0 where slipway-init itself refused. */
  readonly errno: number;
  /** The errno's name, such as `EPERM`. */
  readonly code: string;
  /** The arguments as a person would write them in C. */
  readonly args: string;
  /** The likely cause, or undefined where none is known. */
  readonly hint: string | undefined;
  /** The number of the step in the program; undefined for a call of the parent. */
  readonly step: number | undefined;
  /** What the init saw from inside, for a refused `execve`. */
  readonly reason: Reason | undefined;

  constructor(refusal: Refusal) {
    const code = errnoName(refusal.errno);
    const hint = refusal.reason ? describeReason(refusal.reason) : hintFor(refusal.syscall, code);
    const where =
      refusal.step === undefined
        ? ''
        : `step ${refusal.step} (${refusal.failedStep?.call ?? 'start'}): `;
    const call = refusal.errno === 0 ? refusal.syscall : `${refusal.syscall}(${refusal.args})`;
    const answer = refusal.errno === 0 ? 'refused' : code;
    super(`${where}${call}: ${answer}${hint === undefined ? '' : `: ${hint}`}`);
    this.syscall = refusal.syscall;
    this.errno = refusal.errno;
    this.code = code;
    this.args = refusal.args;
    this.hint = hint;
    this.step = refusal.step;
    this.reason = refusal.reason;
  }
}

/** `thrown` as a SyscallError if it is a refusal that the addon threw, else `thrown` itself. */
export function syscallErrorFrom(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !thrown.message.startsWith('{"syscall"')) return thrown;
  const refusal: Refusal = JSON.parse(thrown.message);
  return new SyscallError(refusal);
}

/** The kernel knows one name for the number that Node has as ENOTSUP, too. */
const errnoNames: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).flatMap(([name, errno]) =>
    name === 'ENOTSUP' && errno === constants.errno.EOPNOTSUPP ? [] : [[errno, name]],
  ),
);

/** The name of an errno, such as `ENOENT` for 2. */
export function errnoName(errno: number): string {
  return errnoNames.get(errno) ?? `errno ${errno}`;
}

function describeReason(reason: Reason): string {
  switch (reason.kind) {
    case 'notFound':
      return describeSearch(reason.lookedIn);
    case 'interpreterMissing':
      return describeInterpreter(reason);
    case 'wrongArchitecture':
      return (
        `${reason.path} is a program for ${machineName(reason.machine)}, ` +
        `not for this machine (${process.arch})`
      );
    case 'notExecutable':
      return `${reason.path} has no x permission for this user: chmod +x it`;
    case 'isDirectory':
      return `${reason.path} is a directory`;
    case 'noexecMount':
      return `${reason.path} lies on a file system that is mounted noexec`;
    case 'notAProgram':
      return `${reason.path} is neither an ELF program nor a script that begins with #!`;
    case 'badProgram':
      return reason.message;
  }
}

/** Invisible in an editor, the carriage return of Windows is a part of the name. */
function describeInterpreter({
  path,
  interpreter,
}: Extract<Reason, { kind: 'interpreterMissing' }>): string {
  const begin = `${path} is there, but the interpreter that it names is not: `;
  if (!interpreter.endsWith('\r')) return `${begin}${interpreter} is missing in this root`;
  const shown = JSON.stringify(interpreter);
  return `${begin}${shown} ends in a carriage return, as lines do on Windows: dos2unix ${path}`;
}

/** A long PATH is counted: what matters is that the program is in none of its folders. */
function describeSearch(lookedIn: readonly string[]): string {
  if (lookedIn.length === 1) return `there is no ${lookedIn[0] || 'program without a name'}`;
  const folders = lookedIn.map(folderOf);
  const shown = folders.length > 6 ? `all ${folders.length} of them` : folders.join(', ');
  return `found in no folder of PATH (${shown})`;
}

const hints: Readonly<Record<string, string>> = {
  'clone3 EPERM':
    'new namespaces need root (CAP_SYS_ADMIN); without it add a user namespace, if the kernel ' +
    'lets users make them (/proc/sys/user/max_user_namespaces, apparmor_restrict_…)',
  'clone3 EINVAL': 'this kernel does not know one of the namespaces, or not all of them together',
  'clone3 ENOSPC': 'the limit of namespaces is reached: see /proc/sys/user/max_*_namespaces',
  'clone3 EAGAIN': 'too many processes: see ulimit -u, and pids.max of the control group',
  'clone3 EBUSY': 'the control group is frozen: thaw it first, or nothing in it ever runs',
  'unshare EPERM': 'it needs CAP_SYS_ADMIN in the user namespace that owns this process',
  'unshare EINVAL': 'this kernel does not know one of the namespaces',
  'setns EPERM':
    'it needs CAP_SYS_ADMIN in the user namespace that owns the target: join that one as well, ' +
    'or be root',
  'setns EINVAL':
    'the process is in that user namespace already, or the descriptor is no namespace',
  'setns ESRCH': 'the process has ended',
  'setresuid EINVAL': 'the uid is not in the uid_map of this user namespace',
  'setresgid EINVAL': 'the gid is not in the gid_map of this user namespace',
  'setresuid EPERM': 'it needs CAP_SETUID in this user namespace',
  'setresgid EPERM': 'it needs CAP_SETGID in this user namespace',
  'setgroups EPERM':
    'setgroups is denied in this user namespace, or its gid_map is not written yet',
  'sethostname EPERM': 'it needs a UTS namespace that this user owns: add --uts (and --user)',
  'sethostname EINVAL': 'a host name has at most 64 bytes',
  'mount EPERM': 'it needs CAP_SYS_ADMIN in the user namespace that owns this mount namespace',
  'mount EACCES': 'the kernel or a security module forbids this mount here',
  'mount EINVAL': 'the target is no mount point, or the options do not fit the file system',
  'mount ENOENT': 'the target (or the source) does not exist in this root',
  'mount ENODEV': 'this kernel does not know the file system',
  'mkdirat EEXIST': 'a link is there that leads nowhere inside this root',
  'mkdirat EACCES':
    'root of this user namespace may not write in that folder: make the mount point beforehand',
  'move_mount EPERM':
    'a link on the way leads into /proc, where nothing but the kernel answers; or it needs ' +
    'CAP_SYS_ADMIN in the user namespace that owns this mount namespace',
  'openat EEXIST': 'a link is there that leads nowhere inside this root',
  'openat2 ELOOP': 'too many links, or a link of /proc, on the way',
  'pivot_root EINVAL':
    'the new root is no mount point: bind it onto itself first; or its mount is shared: make it ' +
    'private',
  'pivot_root EBUSY': 'the new root is on the same mount as the old one',
  'move_mount EINVAL':
    'a folder meets a file, or the mount is attached already or is of another namespace',
  'setrlimit EPERM': 'to raise a hard limit takes CAP_SYS_RESOURCE: ask for no more than there is',
  'setrlimit EINVAL': 'the soft limit is above the hard one',
  'capset EPERM': 'more rights were asked for than this process has',
  'seccomp EACCES': 'without noNewPrivileges it takes CAP_SYS_ADMIN',
  'seccomp EINVAL': 'the kernel refuses the filter: it is empty, too long or no valid program',
  'openat2 ENOENT': 'it does not exist in this root, or this kernel lacks it',
  'mknodat EPERM': 'device nodes need CAP_MKNOD outside of any user namespace',
  'pidfd_open ESRCH': 'there is no such process: it has ended, or the pid is of another namespace',
  'write EACCES': 'the time namespace has a process inside already: its clocks are fixed',
  'execve EACCES': 'a directory on the way to it may not be searched by this user',
  'execve E2BIG': 'arguments and environment are longer than the kernel allows (ulimit -s)',
  'execveat E2BIG':
    'the program, with the arguments and the environment of its application, is longer than the ' +
    'kernel hands to a new process (ulimit -s)',
};

/** The likely cause of `code` from `syscall`, or undefined. */
function hintFor(syscall: string, code: string): string | undefined {
  return hints[`${syscall} ${code}`];
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** The processor of an ELF file's `e_machine` (elf(5)). */
function machineName(machine: number): string {
  const names: Readonly<Record<number, string>> = {
    3: 'x86 (32 bits)',
    8: 'MIPS',
    21: 'POWER',
    22: 'S/390',
    40: 'ARM (32 bits)',
    62: 'x86-64',
    183: 'ARM (64 bits)',
    243: 'RISC-V',
  };
  return names[machine] ?? `processor ${machine}`;
}
