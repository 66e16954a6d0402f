// The options of a mount, as mount(8) writes them.
//
// - `readMountOptions(options)`: flags for the kernel, what a bind wants, and the rest as text
//
// Later options win over earlier ones. What is no option of mount(8) is the file system's own, and
// passed on to it as it stands. Source: mount(8), OCI runtime specification, "Linux mount options".

import type { MountAttribute, MountFlag } from '@slipway/native';

export interface MountOptions {
  readonly flags: readonly MountFlag[];
  /** For a bind. */
  readonly isRecursive: boolean;
  readonly attributes: readonly MountAttribute[];
  readonly propagation: { readonly kind: Spread; readonly recursive: boolean } | undefined;
  /** For the file system, joined by commas. */
  readonly data: string;
}

type Spread = 'private' | 'slave' | 'shared';

/** Each switches one flag on, or off. */
const switches: Readonly<Record<string, readonly [MountFlag, boolean]>> = {
  ro: ['ro', true],
  rw: ['ro', false],
  nosuid: ['nosuid', true],
  suid: ['nosuid', false],
  nodev: ['nodev', true],
  dev: ['nodev', false],
  noexec: ['noexec', true],
  exec: ['noexec', false],
  noatime: ['noatime', true],
  atime: ['noatime', false],
  relatime: ['relatime', true],
  norelatime: ['relatime', false],
  strictatime: ['strictatime', true],
  nostrictatime: ['strictatime', false],
};

const spreads: Readonly<Record<string, readonly [Spread, boolean]>> = {
  private: ['private', false],
  rprivate: ['private', true],
  slave: ['slave', false],
  rslave: ['slave', true],
  shared: ['shared', false],
  rshared: ['shared', true],
};

/** Said of every mount, and meaning nothing here. */
const silent = new Set(['defaults', 'bind', 'remount', 'async', 'loud', 'silent']);

const attributes: readonly MountAttribute[] = ['ro', 'nosuid', 'nodev', 'noexec', 'noatime'];

export function readMountOptions(options: readonly string[]): MountOptions {
  const flags = new Set<MountFlag>();
  const data: string[] = [];
  let propagation: MountOptions['propagation'];
  for (const option of options) {
    const [flag, isOn] = switches[option] ?? [];
    const [kind, recursive = false] = spreads[option] ?? [];
    if (flag !== undefined && isOn) flags.add(flag);
    else if (flag !== undefined) flags.delete(flag);
    else if (kind !== undefined) propagation = { kind, recursive };
    else if (option !== 'rbind' && !silent.has(option)) data.push(option);
  }
  return {
    flags: [...flags],
    isRecursive: options.includes('rbind'),
    attributes: attributes.filter(name => flags.has(name)),
    propagation,
    data: data.join(','),
  };
}
