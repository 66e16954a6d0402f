/** The command line: what is understood, and what is refused with what to write. */
import { addNamespaceOptions } from '@slipway/namespaces';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import {
  addRootOptions,
  ownEnvironment,
  readRootOptions,
  type RootFlags,
} from './root-options.ts';

function flagsOf(line: string): RootFlags {
  const command = new Command().argument('[command...]').passThroughOptions();
  addRootOptions(addNamespaceOptions(command.exitOverride()));
  return command.parse(line.split(' '), { from: 'user' }).opts<RootFlags>();
}

test('a root is a folder or a tar, written or frozen', () => {
  expect(readRootOptions(flagsOf('--rootfs box -- ls'))).toEqual({
    path: 'box',
    readOnly: false,
  });
  expect(readRootOptions(flagsOf('--pid --rootfs b.tar --read-only ls'))).toEqual({
    path: 'b.tar',
    readOnly: true,
  });
  expect(readRootOptions(flagsOf('--pid -- ls --rootfs x'))).toBeUndefined();
});

test('--read-only without a root is refused: it would be the root of the host', () => {
  expect(() => readRootOptions(flagsOf('--read-only ls'))).toThrow('add --rootfs');
});

test('in another root the environment is not ours', () => {
  expect(ownEnvironment({})).toEqual([
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'HOME=/root',
  ]);
  expect(ownEnvironment({ tty: true }, 'vt100')).toContain('TERM=vt100');
});
