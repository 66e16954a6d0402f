// The options of this chapter, checked against each other and against a machine.

import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../options/machine.ts';
import {
  addContainerOptions,
  readLimits,
  readWish,
  type ContainerFlags,
} from './options.ts';

const machine: Machine = {
  cpus: [0, 1],
  memoryNodes: [0],
  countsSwap: true,
  deviceAt: path =>
    path === '/dev/fuse' ? { type: 'c', major: 10, minor: 229 } : undefined,
};

function flagsOf(...words: string[]): ContainerFlags {
  return addContainerOptions(new Command().exitOverride())
    .parse(words, { from: 'user' })
    .opts<ContainerFlags>();
}

describe('the limits', () => {
  test('are those of the words', () => {
    const flags = flagsOf('--cpus', '0.2', '-m', '64m', '--pids', '20');
    expect(readLimits(flags, machine)).toEqual({
      cpuQuotaUs: 20_000,
      cpuPeriodUs: 100_000,
      memoryBytes: 2 ** 26,
      memorySwapBytes: 2 ** 27,
      pids: 20,
    });
  });

  test('a negative number is a value, and no option', () => {
    expect(() => readLimits(flagsOf('--cpus', '-1'), machine)).toThrow(
      '--cpus -1 is refused: write a number from 0.01 to 2',
    );
  });

  test('an option for a disk may be repeated', () => {
    const flags = flagsOf(
      '--device-read-bps',
      '/dev/a:1',
      '--device-read-bps',
      '/dev/b:1',
    );
    expect(flags.deviceReadBps).toEqual(['/dev/a:1', '/dev/b:1']);
  });

  test('a device rule denies the rest first, and leaves the harmless ones', () => {
    const { devices = [] } = readLimits(flagsOf('--device', '/dev/fuse:r'), machine);
    expect(devices[0]).toEqual({ allow: false, type: 'a', access: 'rwm' });
    expect(devices).toContainEqual(expect.objectContaining({ major: 1, minor: 3 }));
    expect(devices.at(-1)).toMatchObject({ major: 10, minor: 229, access: 'r' });
  });

  test('without a device rule nothing is denied', () => {
    expect(readLimits(flagsOf('--pids', '5'), machine).devices).toBeUndefined();
  });

  test('a device under another name is refused where /dev is that of the machine', () => {
    expect(() => readLimits(flagsOf('--device', '/dev/fuse:/dev/x'), machine)).toThrow(
      'write --device /dev/fuse',
    );
  });
});

describe('the view of /proc', () => {
  test('comes by itself with limits and a table of mounts', () => {
    expect(readWish(flagsOf('--memory', '64m'), ['mount'], machine).view).toBe(true);
  });

  test('does not come where it would cover the /proc of all', () => {
    expect(readWish(flagsOf('--memory', '64m'), ['pid'], machine).view).toBe(false);
    expect(() => readWish(flagsOf('--proc-view'), ['pid'], machine)).toThrow(
      'add --mount',
    );
  });

  test('is left out when asked, and without a limit that it could show', () => {
    const flags = flagsOf('--memory', '64m', '--no-proc-view');
    expect(readWish(flags, ['mount'], machine).view).toBe(false);
    expect(readWish(flagsOf('--pids', '5'), ['mount'], machine).view).toBe(false);
  });

  test('can be had without limits', () => {
    expect(readWish(flagsOf('--proc-view'), ['mount'], machine).view).toBe(true);
  });
});

test('--init wants a PID 1 to be', () => {
  expect(() => readWish(flagsOf('--init'), ['mount'], machine)).toThrow('add --pid');
  expect(readWish(flagsOf('--init'), ['pid'], machine).init).toBe(true);
});
