/** What a person reads when the kernel says no. */
import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { step } from './program/program.ts';
import { errnoName, SyscallError, syscallErrorFrom, type Reason } from './syscall-error.ts';

const exec = step.exec(['sh'], []);

function refusedExec(errno: number, reason?: Reason): string {
  const refusal = { syscall: 'execve', args: '"sh", ["sh"]', errno, step: 4, failedStep: exec };
  return new SyscallError({ ...refusal, ...(reason && { reason }) }).message;
}

test('a refusal names the step, the call, its arguments, the errno and the likely cause', () => {
  const error = new SyscallError({
    syscall: 'sethostname',
    args: '"box", 3',
    errno: constants.errno.EPERM,
    step: 2,
    failedStep: step.setHostname('box'),
  });
  expect(error.message).toMatchInlineSnapshot(
    `"step 2 (setHostname): sethostname("box", 3): EPERM: it needs a UTS namespace that this user owns: add --uts (and --user)"`,
  );
  const { syscall, args, errno, code, step: number } = error;
  expect([syscall, args, errno, code, number]).toEqual(['sethostname', '"box", 3', 1, 'EPERM', 2]);
});

test('where no cause is known none is invented', () => {
  const error = new SyscallError({ syscall: 'chdir', args: '"/x"', errno: 40 });
  expect(error.message).toBe('chdir("/x"): ELOOP');
  expect(error.hint).toBeUndefined();
});

test('every reason for a refused execve has a sentence of its own', () => {
  const { ENOENT, EACCES, ENOEXEC } = constants.errno;
  const path = '/app';
  const messages = [
    refusedExec(ENOENT, { kind: 'notFound', lookedIn: ['/app'] }),
    refusedExec(ENOENT, { kind: 'notFound', lookedIn: ['/bin/sh', '/sh'] }),
    refusedExec(ENOENT, { kind: 'notFound', lookedIn: Array<string>(9).fill('/bin/sh') }),
    refusedExec(ENOENT, { kind: 'interpreterMissing', path, interpreter: '/lib/ld.so' }),
    refusedExec(ENOENT, { kind: 'interpreterMissing', path, interpreter: '/bin/sh\r' }),
    refusedExec(ENOEXEC, { kind: 'wrongArchitecture', path, machine: 243 }).replace(
      process.arch,
      'ARCH',
    ),
    refusedExec(ENOEXEC, { kind: 'wrongArchitecture', path, machine: 7 }).replace(
      process.arch,
      'ARCH',
    ),
    refusedExec(EACCES, { kind: 'notExecutable', path }),
    refusedExec(EACCES, { kind: 'isDirectory', path }),
    refusedExec(EACCES, { kind: 'noexecMount', path }),
    refusedExec(ENOEXEC, { kind: 'notAProgram', path }),
    refusedExec(EACCES),
    refusedExec(constants.errno.E2BIG),
  ];
  expect(messages.join('\n')).toMatchInlineSnapshot(`
    "step 4 (exec): execve("sh", ["sh"]): ENOENT: there is no /app
    step 4 (exec): execve("sh", ["sh"]): ENOENT: found in no folder of PATH (/bin, /)
    step 4 (exec): execve("sh", ["sh"]): ENOENT: found in no folder of PATH (all 9 of them)
    step 4 (exec): execve("sh", ["sh"]): ENOENT: /app is there, but the interpreter that it names is not: /lib/ld.so is missing in this root
    step 4 (exec): execve("sh", ["sh"]): ENOENT: /app is there, but the interpreter that it names is not: "/bin/sh\\r" ends in a carriage return, as lines do on Windows: dos2unix /app
    step 4 (exec): execve("sh", ["sh"]): ENOEXEC: /app is a program for RISC-V, not for this machine (ARCH)
    step 4 (exec): execve("sh", ["sh"]): ENOEXEC: /app is a program for processor 7, not for this machine (ARCH)
    step 4 (exec): execve("sh", ["sh"]): EACCES: /app has no x permission for this user: chmod +x it
    step 4 (exec): execve("sh", ["sh"]): EACCES: /app is a directory
    step 4 (exec): execve("sh", ["sh"]): EACCES: /app lies on a file system that is mounted noexec
    step 4 (exec): execve("sh", ["sh"]): ENOEXEC: /app is neither an ELF program nor a script that begins with #!
    step 4 (exec): execve("sh", ["sh"]): EACCES: a directory on the way to it may not be searched by this user
    step 4 (exec): execve("sh", ["sh"]): E2BIG: arguments and environment are longer than the kernel allows (ulimit -s)"
  `);
});

test('what slipway-init itself refuses has no errno', () => {
  const reason = { kind: 'badProgram', message: 'unknown variant `reboot`' } as const;
  const error = new SyscallError({ syscall: 'slipway-init', args: '', errno: 0, step: 0, reason });
  expect(error.message).toMatchInlineSnapshot(
    `"step 0 (start): slipway-init: refused: unknown variant \`reboot\`"`,
  );
});

test("only the addon's refusals become a SyscallError", () => {
  const thrown = new Error('{"syscall":"open","args":"\\"a\\\\nb\\"","errno":2}');
  expect(syscallErrorFrom(thrown)).toBeInstanceOf(SyscallError);
  const other = new TypeError('no');
  expect(syscallErrorFrom(other)).toBe(other);
  expect(syscallErrorFrom('text')).toBe('text');
});

test('an errno that nobody knows keeps its number', () => {
  expect(errnoName(2)).toBe('ENOENT');
  expect(errnoName(4000)).toBe('errno 4000');
});
