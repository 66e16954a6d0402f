// The command line of chapter 03: what it adds to those before.
//
// - `addRootOptions(command)`: declares --rootfs and --read-only
// - `readRootOptions(flags)`: checks them; undefined without --rootfs
// - `ownEnvironment(flags)`: what an application in a root of its own finds there

import type { Command } from 'commander';
import { UsageError } from '@slipway/namespaces';

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
      'a root of its own (implies --mount): a folder or a tar',
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
