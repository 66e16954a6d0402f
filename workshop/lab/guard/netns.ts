/**
 * Network namespaces that outlive their makers: the names in /run/netns, and those that a leftover
 * process of ours holds. Value: the namespace's inode.
 */
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import type { Fact, Kind } from './state.ts';

export const netns: Kind = {
  name: 'netns',
  read({ ours }) {
    const facts: Record<string, Fact> = {};
    for (const name of namedNamespaces()) facts[name] = { value: inodeOf(`/run/netns/${name}`) };
    const own = readlinkSync('/proc/self/ns/net');
    for (const pid of ours) {
      const held = namespaceOf(pid);
      if (held !== undefined && held !== own)
        facts[`${held} held by process ${pid}`] = { value: '' };
    }
    return facts;
  },
};

function namedNamespaces(): string[] {
  try {
    return readdirSync('/run/netns');
  } catch {
    return []; // nobody has named one since boot
  }
}

function inodeOf(path: string): string {
  return String(statSync(path, { throwIfNoEntry: false })?.ino ?? 'gone');
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}
