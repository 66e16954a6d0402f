// What a user's options are held against: the processors, nodes and devices of this
// machine.
//
// - Machine: the facts; readMachine(host): those of this one

import { statSync } from 'node:fs';
import { parseCpuList } from '../hierarchies/cpu-list.ts';
import type { Host } from '../hierarchies/host.ts';
import type { DeviceNumber } from '../limits/limits.ts';

export interface Device extends DeviceNumber {
  readonly type: 'b' | 'c';
}

export interface Machine {
  readonly cpus: readonly number[];
  readonly memoryNodes: readonly number[];
  /** false: the kernel does not count swap, so there is nothing to limit */
  readonly countsSwap: boolean;
  deviceAt(path: string): Device | undefined;
}

export function readMachine(host: Host, countsSwap: boolean): Machine {
  const cpus = '/sys/devices/system/cpu/online';
  const nodes = '/sys/devices/system/node/online';
  return {
    cpus: parseCpuList(host.read(cpus)),
    // A kernel without NUMA has no such directory and one node.
    memoryNodes: host.has(nodes) ? parseCpuList(host.read(nodes)) : [0],
    countsSwap,
    deviceAt,
  };
}

function deviceAt(path: string): Device | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const number = decode(stat.rdev);
  if (stat.isBlockDevice()) return { type: 'b', ...number };
  return stat.isCharacterDevice() ? { type: 'c', ...number } : undefined;
}

/** gnu_dev_major and gnu_dev_minor: the two numbers lie interleaved in dev_t. */
function decode(rdev: number): DeviceNumber {
  return {
    major: (rdev >> 8) & 0xfff,
    minor: (rdev & 0xff) | ((rdev >> 12) & 0xff_f00),
  };
}
