/** Whose fault a refusal of the kernel is, and in which words it is told. */
import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { SyscallError } from '@slipway/native';
import { StartFailure } from '../start-failure.ts';
import { startFailure } from './failure.ts';

function refused(syscall: string, code: 'EINVAL' | 'EPERM' | 'ENOENT', args = ''): unknown[] {
  const error = new SyscallError({ syscall, errno: constants.errno[code], args });
  const told = startFailure(error, ['/bin/app']);
  if (!(told instanceof StartFailure)) throw new Error(`told as ${String(told)}`);
  return [told.code, told.exitCode, told.message];
}

test('a value that the kernel does not take is its giver’s', () => {
  expect(refused('setrlimit', 'EPERM', 'RLIMIT_NOFILE')[0]).toBe('INVALID');
  expect(refused('mount', 'EINVAL', '"x", "/y"')[0]).toBe('INVALID');
  expect(refused('write', 'EINVAL', '"/proc/sys/net/ipv4/ip_forward"')).toEqual([
    'INVALID',
    128,
    'open /proc/sys/net/ipv4/ip_forward: invalid argument',
  ]);
});

test('a call of which no caller has said a word is the engine’s', () => {
  for (const call of ['clone3', 'open_tree', 'pivot_root', 'setns'])
    expect(refused(call, 'EINVAL').slice(0, 2)).toEqual(['FAILED', 128]);
  expect(refused('mount', 'EPERM').slice(0, 2)).toEqual(['FAILED', 128]);
});

test('a program that is not there has an exit status of its own', () => {
  expect(refused('execve', 'ENOENT').slice(0, 2)).toEqual(['INVALID', 127]);
});
