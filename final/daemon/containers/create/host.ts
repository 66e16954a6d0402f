// What of this machine a container's limits are held against.
//
// - `readHost()`: its processors, its memory nodes, its version of control groups
// - `Host.can(controller, file)`: whether control groups of version 1 have it; 2 has no such gaps
//
// The kernel answers from memory: to wait for another thread would take longer than to ask.

import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseRanges } from './ranges.ts';

export interface Host {
  /** How many processors there are, and which, as the kernel lists them: `0-3`. */
  readonly cpuCount: number;
  readonly cpus: string;
  readonly memoryNodes: string;
  /** Asked only when something needs it: `can('blkio', 'blkio.weight')`. */
  readonly can: (controller: string, file: string) => boolean;
}

export interface ThisHost extends Host {
  /** Of the hierarchies that limit: 2 only where there is one for all. */
  readonly cgroupVersion: 1 | 2;
}

const root = '/sys/fs/cgroup';

export function readHost(): ThisHost {
  const online = listOf('/sys/devices/system/cpu/online');
  // To count them the other way is to read what each of them is called.
  const cpuCount = parseRanges(online ?? '')?.length ?? cpus().length;
  const cgroupVersion = existsSync(`${root}/cgroup.controllers`) ? 2 : 1;
  return {
    cpuCount,
    cpus: online ?? `0-${cpuCount - 1}`,
    memoryNodes: listOf('/sys/devices/system/node/online') ?? '0',
    cgroupVersion,
    can: (controller, file) => cgroupVersion === 2 || existsSync(`${root}/${controller}/${file}`),
  };
}

function listOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
