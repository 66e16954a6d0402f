// /proc/meminfo of a group: its limit is the total, what it uses is used.
//
// - meminfoText(host, memory)
//
// Without a limit the host's text is the truth: the group can have whatever is free
// there. Lines that a group has but that nobody counts for it (KernelStack, PageTables,
// in version 1 also Slab) are left out, as they are on kernels that do not know them. A
// zero would be a lie.
// Source: proc_meminfo(5); Documentation/filesystems/proc.rst

import type { MemoryStats } from '../group/stats.ts';

export function meminfoText(host: string, memory: MemoryStats | undefined): string {
  const hostTotal = bytesOf(host, 'MemTotal');
  if (memory?.limitBytes === undefined || memory.limitBytes >= hostTotal) return host;
  const inside = linesInside(memory, memory.limitBytes, bytesOf(host, 'SwapTotal'));
  return host
    .split('\n')
    .flatMap(line => {
      const name = line.slice(0, line.indexOf(':'));
      if (uncounted.has(name)) return [];
      const bytes = inside.get(name);
      return [bytes === undefined ? line : format(name, bytes)];
    })
    .join('\n');
}

/**
 * What belongs to processes, and so to groups, but is told of the whole machine only.
 */
const uncounted: ReadonlySet<string> = new Set([
  'SwapCached',
  'Unevictable',
  'Mlocked',
  'Zswap',
  'Zswapped',
  'KReclaimable',
  'Slab',
  'SReclaimable',
  'SUnreclaim',
  'KernelStack',
  'PageTables',
  'SecPageTables',
  'Committed_AS',
  'CommitLimit',
  'Percpu',
  'AnonHugePages',
  'FileHugePages',
  'FilePmdMapped',
  'ShmemHugePages',
  'ShmemPmdMapped',
]);

function linesInside(
  memory: MemoryStats,
  total: number,
  hostSwap: number,
): ReadonlyMap<string, number> {
  const free = Math.max(0, total - memory.usageBytes);
  const reclaimable = memory.activeFileBytes + memory.inactiveFileBytes;
  const swapTotal = Math.min(hostSwap, memory.swapLimitBytes ?? hostSwap);
  return new Map([
    ['MemTotal', total],
    ['MemFree', free],
    ['MemAvailable', Math.min(total, free + reclaimable)],
    ['Buffers', 0], // pages of files all count as cached in a group
    ['Cached', memory.fileBytes],
    ['Active', memory.activeAnonBytes + memory.activeFileBytes],
    ['Inactive', memory.inactiveAnonBytes + memory.inactiveFileBytes],
    ['Active(anon)', memory.activeAnonBytes],
    ['Inactive(anon)', memory.inactiveAnonBytes],
    ['Active(file)', memory.activeFileBytes],
    ['Inactive(file)', memory.inactiveFileBytes],
    ['SwapTotal', swapTotal],
    ['SwapFree', Math.max(0, swapTotal - (memory.swapBytes ?? 0))],
    ['Dirty', memory.dirtyBytes],
    ['Writeback', memory.writebackBytes],
    ['AnonPages', memory.anonBytes],
    ['Mapped', memory.mappedBytes],
    ['Shmem', memory.sharedBytes],
  ]);
}

function bytesOf(text: string, name: string): number {
  const line = text.split('\n').find(one => one.startsWith(`${name}:`));
  return Number(/(\d+) kB$/.exec(line ?? '')?.[1] ?? 0) * 1024;
}

/** `MemTotal:       24684092 kB`, in the kernel's columns. */
function format(name: string, bytes: number): string {
  return `${`${name}:`.padEnd(15)} ${String(Math.floor(bytes / 1024)).padStart(8)} kB`;
}
