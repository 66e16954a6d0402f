/** What `--cgroup` and `--kernel` choose, and what they leave alone. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from '@slipway/lab/scratch.ts';
import { expect, test } from 'vitest';
import { UsageError, takeWorld } from './arguments.ts';

test('the worlds are taken out and everything else keeps its order', () => {
  expect(takeWorld(['a', '--cgroup', 'v1', '-t', 'x', '--cgroup=v2'])).toEqual({
    worlds: ['v1', 'v2'],
    rest: ['a', '-t', 'x'],
  });
});

test('a command behind -- is not looked at', () => {
  expect(takeWorld(['--cgroup', 'v1', '--', 'sh', '--cgroup', 'v9'])).toEqual({
    worlds: ['v1'],
    rest: ['--', 'sh', '--cgroup', 'v9'],
  });
});

test.each([[['--cgroup', 'v3']], [['--cgroup']], [['--cgroup=']], [['--cgroup', '--', 'v1']]])(
  '%j is refused with what there is',
  argv => {
    expect(() => takeWorld(argv)).toThrow(UsageError);
    expect(() => takeWorld(argv)).toThrow('there is v1 and v2');
  },
);

test('a kernel is a folder that its packages were unpacked into', async () => {
  await using folder = scratchFolder();
  expect(() => takeWorld(['--kernel', folder.path])).toThrow(`--kernel ${folder.path}: wanted is`);
  expect(() => takeWorld(['--kernel'])).toThrow(UsageError);
  mkdirSync(join(folder.path, 'lib/modules'), { recursive: true });
  for (const words of [['--kernel', folder.path], [`--kernel=${folder.path}`]]) {
    expect(takeWorld(words)).toEqual({ worlds: [], kernel: folder.path, rest: [] });
  }
});
