import { SyscallError } from '@slipway/native';
import { expect, test } from 'vitest';
import { exitStatusOf, exitStatusOfFailure } from './exit-status.ts';

const execve = { syscall: 'execve', args: '"x"', step: 1 };

test('an application is reported by its own status, or by 128 and its signal', () => {
  expect(exitStatusOf({ code: 3 })).toBe(3);
  expect(exitStatusOf({ signal: 'SIGKILL' })).toBe(137);
  expect(exitStatusOf({ signal: 'SIGTERM' })).toBe(143);
});

test('127 is for a program that is not there, 126 for one that cannot run', () => {
  const missing = { kind: 'notFound', lookedIn: ['x'] } as const;
  const loader = { kind: 'interpreterMissing', path: 'x', interpreter: '/ld' } as const;
  const failure = (error: unknown): number => exitStatusOfFailure(error);
  expect(failure(new SyscallError({ ...execve, errno: 2, reason: missing }))).toBe(127);
  expect(failure(new SyscallError({ ...execve, errno: 2, reason: loader }))).toBe(126);
  expect(failure(new SyscallError({ ...execve, errno: 13 }))).toBe(126);
});

test('125 is for what never came to the application', () => {
  const mount = { syscall: 'mount', args: '', step: 0, errno: 1 };
  expect(exitStatusOfFailure(new SyscallError(mount))).toBe(125);
  expect(exitStatusOfFailure(new Error('no such container'))).toBe(125);
});
