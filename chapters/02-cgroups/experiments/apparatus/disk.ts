// Something to read from a disk, for what is counted and slowed down on its way.
//
// - findSource(lab): a whole disk and a path on it that can be read, or undefined
//
// It is read past the page cache (O_DIRECT). The device itself is best, for reading it
// touches no file; where it may not be opened, a file of ours on that disk will do.
// The kernel throttles whole disks: a partition's number is refused.

import { execFileSync } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readdirSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Lab } from '@slipway/lab';
import type { DeviceNumber } from '../../limits/limits.ts';

export interface Source {
  /** What dd can read at least 2 MiB from, and the folder in which it is. */
  readonly name: string;
  readonly folder: string;
  readonly disk: DeviceNumber;
}

export async function findSource(lab: Lab): Promise<Source | undefined> {
  const disks = readdirSync('/sys/block').filter(
    name => !/^(loop|ram|zram|sr)/.test(name),
  );
  for (const name of disks) {
    const path = `/dev/${name}`;
    const sectors = Number(readFileSync(`/sys/block/${name}/size`, 'utf8'));
    if (sectors >= 4096 && canOpen(path)) {
      return { name, folder: '/dev', disk: numberOf(name) };
    }
  }
  const folder = await lab.scratch();
  const disk = diskBelow(folder);
  if (disk === undefined) return undefined;
  const name = 'two-mebibytes';
  const path = `${folder}/${name}`;
  writeFileSync(path, Buffer.alloc(2 ** 21, 'x'));
  execFileSync('sync', [path]);
  return { name, folder, disk: numberOf(disk) };
}

function canOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    closeSync(openSync(path, 'r'));
    return true;
  } catch {
    return false; // a policy may forbid it to root, too
  }
}

function numberOf(disk: string): DeviceNumber {
  const text = readFileSync(`/sys/block/${disk}/dev`, 'utf8').trim();
  const [major = 0, minor = 0] = text.split(':').map(Number);
  return { major, minor };
}

/** The name of the whole disk that holds the folder; none for tmpfs, 9p, overlay. */
function diskBelow(folder: string): string | undefined {
  const { dev } = statSync(folder);
  const number = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xff_f00)}`;
  const link = `/sys/dev/block/${number}`;
  if (!existsSync(link)) return undefined;
  const path = realpathSync(link);
  return basename(existsSync(`${path}/partition`) ? dirname(path) : path);
}
