// What of this machine a container's limits are held against.
//
// - `readHost()`: its processors, its memory nodes, its version of control groups
//
// The kernel answers from memory: to wait for another thread would take longer than to ask.

import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseRanges } from './ranges.ts';
import type { Host } from './verify-resources.ts';

export interface ThisHost extends Host {
  /** Of the hierarchies that limit: 2 only where there is one for all. */
  readonly cgroupVersion: 1 | 2;
}

export function readHost(): ThisHost {
  const processors = rangesOf('/sys/devices/system/cpu/online');
  const nodes = rangesOf('/sys/devices/system/node/online');
  return {
    cpus: processors ?? cpus().map((_, index) => index),
    memoryNodes: nodes ?? [0],
    cgroupVersion: existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1,
  };
}

function rangesOf(file: string): readonly number[] | undefined {
  try {
    return parseRanges(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
