// Device nodes in a root of its own, on the real kernel: what is made, and what opens.

import { execFile } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { writeTree } from '../files/tree.ts';
import { busyboxTree } from './busybox-rootfs.ts';

const needs = ['root', 'native', 'tool:busybox', 'cgroup:memory'] as const;
const run = `${import.meta.dirname}/../run.ts`;

check('a disk that --device names is there, and no other', { needs }, async context => {
  const disk = ['loop0', 'vda', 'sda', 'nvme0n1']
    .map(name => `/dev/${name}`)
    .find(opens);
  if (disk === undefined) return context.skip('NOT RUN: needs a disk that opens here');
  const folder = `${await context.scratch()}/box`;
  writeTree(busyboxTree(), folder);
  const script = `
    stat -c '%F %t:%T %a' /dev/disk; : < /dev/disk && echo opened
    (: > /dev/disk) 2>&1; mknod /tmp/mem c 1 1; (: < /tmp/mem) 2>&1; true`;
  const words = [
    '--rootfs',
    folder,
    '--device',
    `${disk}:/dev/disk:r`,
    '--',
    'sh',
    '-c',
  ];
  const args = ['--import', 'tsx', run, ...words, script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const number = statSync(disk).rdev;
  const hex = `${(number >> 8).toString(16)}:${(number & 0xff).toString(16)}`;
  expect(stdout.trim().split('\n')).toEqual([
    `block special file ${hex} 600`,
    'opened',
    "sh: can't create /dev/disk: Operation not permitted",
    "sh: can't open /tmp/mem: Operation not permitted",
  ]);
});

/** A machine can deny its own disks to whoever runs on it. */
function opens(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'));
    return true;
  } catch {
    return false;
  }
}
