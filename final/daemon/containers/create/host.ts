// What of this machine a container's limits are held against.
//
// - `readHost()`: its processors, its memory nodes, its version of control groups

import { readFile, stat } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseRanges } from './ranges.ts';
import type { Host } from './verify-resources.ts';

export interface ThisHost extends Host {
  /** Of the hierarchies that limit: 2 only where there is one for all. */
  readonly cgroupVersion: 1 | 2;
}

export async function readHost(): Promise<ThisHost> {
  const processors = await rangesOf('/sys/devices/system/cpu/online');
  const nodes = await rangesOf('/sys/devices/system/node/online');
  return {
    cpus: processors ?? cpus().map((_, index) => index),
    memoryNodes: nodes ?? [0],
    cgroupVersion: (await exists('/sys/fs/cgroup/cgroup.controllers')) ? 2 : 1,
  };
}

async function rangesOf(file: string): Promise<readonly number[] | undefined> {
  try {
    return parseRanges(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
