// The command line of chapter 03: what it adds to those before.
//
// - `addRootOptions(command)`: declares --rootfs and --read-only
// - `readRootOptions(flags)`: checks them; undefined without --rootfs
// - `wishedDevices(flags, machine)`: the nodes that chapter 02's --device asks for
// - `ownEnvironment(flags)`: what an application in a root of its own finds there

import { deviceMappings, type LimitFlags, type Machine } from '@slipway/cgroups';
import { UsageError } from '@slipway/namespaces';
import type { Command } from 'commander';
import type { Device } from './root/devices.ts';

/** The flags as commander leaves them. */
export interface RootFlags {
  readonly rootfs?: string;
  readonly readOnly?: true;
}

/** What they mean. */
export interface RootWish {
  /** A folder or a tar. */
  readonly path: string;
  readonly readOnly: boolean;
}

/** Declares the options of this chapter on `command`. */
export function addRootOptions(command: Command): Command {
  return command
    .option(
      '--rootfs <folder|tar>',
      'a root of its own (implies --mount, --pid): a folder or a tar',
    )
    .option('--read-only', 'nothing in the root can be written (needs --rootfs)');
}

/** @throws UsageError naming the flags that do not fit together */
export function readRootOptions(flags: RootFlags): RootWish | undefined {
  const { rootfs: path, readOnly } = flags;
  if (path === undefined) {
    if (readOnly) {
      throw new UsageError(
        "--read-only would freeze this machine's files: add --rootfs",
      );
    }
    return undefined;
  }
  return { path, readOnly: readOnly ?? false };
}

/** In a root of its own a device has to be made before it can be allowed. */
export function wishedDevices(flags: LimitFlags, machine: Machine): readonly Device[] {
  return deviceMappings(flags, machine).map(({ inside: path, rule }) => {
    const { type, major = 0, minor = 0 } = rule;
    return { path, major, minor, ...(type === 'b' && { block: true }) };
  });
}

/**
 * Docker's default: the folders of this machine's PATH mean nothing in another root.
 */
const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Nothing of ours but the kind of terminal: the same root, the same environment. */
export function ownEnvironment(
  flags: { readonly tty?: true },
  term = process.env['TERM'] ?? 'xterm',
): readonly string[] {
  return [`PATH=${searchPath}`, 'HOME=/root', ...(flags.tty ? [`TERM=${term}`] : [])];
}
