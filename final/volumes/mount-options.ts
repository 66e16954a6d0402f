// Options of mount(8) as mount(2) takes them: flags, and a text for the file system.
//
// - `readMountOptions(text)`: `ro,size=1m` → flags, their bits, the rest
//
// A later word takes back an earlier one (`ro,rw`). Source: mount(8), moby/sys/mount.

import type { MountFlag } from '@slipway/native';

export interface MountOptions {
  readonly flags: readonly MountFlag[];
  readonly bits: number;
  readonly data: string;
}

const known: Readonly<Record<string, readonly [flags: readonly MountFlag[], bits: number]>> = {
  ro: [['ro'], 0x1],
  nosuid: [['nosuid'], 0x2],
  nodev: [['nodev'], 0x4],
  noexec: [['noexec'], 0x8],
  noatime: [['noatime'], 0x400],
  bind: [['bind'], 0x1000],
  rbind: [['bind', 'rec'], 0x5000],
  relatime: [['relatime'], 0x200000],
  strictatime: [['strictatime'], 0x1000000],
};

const opposites: Readonly<Record<string, string>> = {
  ...{ rw: 'ro', suid: 'nosuid', dev: 'nodev', exec: 'noexec', atime: 'noatime' },
  ...{ norelatime: 'relatime', nostrictatime: 'strictatime', defaults: '' },
};

export function readMountOptions(text: string): MountOptions {
  const set = new Set<string>();
  const data: string[] = [];
  for (const word of text.split(',').filter(one => one !== '')) {
    if (Object.hasOwn(known, word)) set.add(word);
    else if (Object.hasOwn(opposites, word)) set.delete(opposites[word] ?? '');
    else data.push(word);
  }
  const chosen = [...set].flatMap(word => (known[word] ? [known[word]] : []));
  return {
    flags: chosen.flatMap(([flags]) => flags),
    bits: chosen.reduce((all, [, bits]) => all | bits, 0),
    data: data.join(','),
  };
}
