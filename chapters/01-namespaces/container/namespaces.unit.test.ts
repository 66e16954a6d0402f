import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { differing, kinds, readNamespaces } from './namespaces.ts';

test('a process and its child share every view', () => {
  const code = 'readlink /proc/self/ns/pid /proc/self/ns/net';
  const child = spawnSync('sh', ['-c', code], { encoding: 'utf8' });
  const own = readNamespaces('self');
  expect(child.stdout).toBe(`pid:[${own.get('pid')}]\nnet:[${own.get('net')}]\n`);
  expect(differing(own, readNamespaces(process.pid))).toEqual([]);
});

test('two sets of views differ in the kinds whose inodes differ', () => {
  const a = new Map([
    ['pid', 1],
    ['net', 2],
    ['uts', 3],
  ] as const);
  const b = new Map([
    ['pid', 9],
    ['net', 2],
  ] as const);
  expect(differing(a, b)).toEqual(['pid', 'uts']);
});

test('a process that is not there is named', () => {
  expect(() => readNamespaces(2 ** 22 + 1)).toThrow('there is no process 4194305');
});

test('the table has all eight kinds under the names of /proc', () => {
  expect(kinds.map(({ link }) => link)).toEqual([
    'cgroup',
    'ipc',
    'mnt',
    'net',
    'pid',
    'time',
    'user',
    'uts',
  ]);
});
