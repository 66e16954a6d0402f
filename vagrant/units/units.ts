/**
 * All units, in the order of the chapters.
 *
 * - units()        every unit
 * - findUnit(word) by its id, by a part of it, or by its number in the list
 * - obstacle(unit) why it cannot run on this machine, and which machine it needs; or undefined
 */
import { firstUnmet } from '@slipway/lab/requires.ts';
import type { Unit } from '../guide/unit.ts';
import { twoProcesses } from './01-namespaces/two-processes/unit.ts';
import { whichViews } from './01-namespaces/which-views/unit.ts';
import { copiedRoot } from './03-chroot-rootfs/copied-root/unit.ts';
import { escape } from './03-chroot-rootfs/escape/unit.ts';
import { aAndB } from './04-unionfs/a-and-b/unit.ts';
import { sevenLayers } from './04-unionfs/seven-layers/unit.ts';
import { inodeAndDentry } from './05-volumes/inode-and-dentry/unit.ts';
import { unseenMount } from './05-volumes/unseen-mount/unit.ts';
import { bridge } from './06-network/bridge/unit.ts';
import { publishedPort } from './06-network/published-port/unit.ts';
import { outOfMemory } from './02-cgroups/out-of-memory/unit.ts';
import { twentyPercentV1 } from './02-cgroups/twenty-percent-v1/unit.ts';
import { twentyPercentV2 } from './02-cgroups/twenty-percent-v2/unit.ts';

export function units(): readonly Unit[] {
  return [
    twoProcesses,
    whichViews,
    twentyPercentV1,
    twentyPercentV2,
    outOfMemory,
    copiedRoot,
    escape,
    aAndB,
    sevenLayers,
    unseenMount,
    inodeAndDentry,
    bridge,
    publishedPort,
  ];
}

export function findUnit(word: string): Unit | undefined {
  const all = units();
  const exact = all.find(unit => unit.id === word) ?? all[Number(word) - 1];
  const parts = all.filter(unit => unit.id.includes(word));
  return exact ?? (parts.length === 1 ? parts[0] : undefined);
}

export interface Obstacle {
  readonly reason: string;
  readonly machine: string;
}

export function obstacle(unit: Unit): Obstacle | undefined {
  const reason = firstUnmet(unit.needs);
  return reason === undefined ? undefined : { reason, machine: machineFor(unit) };
}

function machineFor({ needs }: Unit): string {
  if (needs.includes('filesystem:aufs')) return 'classic-aufs';
  return needs.some(need => need.startsWith('cgroup-v1:')) ? 'classic-cgroup' : 'modern';
}
