// Where a root comes from: a folder, or an archive that becomes one.
//
// - `openRoot(path)`: the root as a mount that hangs nowhere yet; disposing gives back
//   the mount, and what was unpacked for it
//
// The folder is opened once, and what was opened is what is mounted: whoever renames it
// afterwards changes nothing. Mounts of the host below it do not come along.

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { scratchFolder } from '@slipway/lab';
import { cloneTree, SyscallError, type OpenMount } from '@slipway/native';
import { UsageError } from '@slipway/namespaces';
import { unpackTar } from '../files/unpack.ts';

export interface OpenRoot extends AsyncDisposable {
  /** Of the mount. */
  readonly descriptor: number;
}

/**
 * The folder at `path`, or the tree in the archive at `path`.
 *
 * @throws UsageError if there is nothing that can be a root, ArchiveRefused,
 *   SyscallError EPERM without the right to mount
 */
export async function openRoot(path: string): Promise<OpenRoot> {
  const kind = kindOf(path);
  const held = new AsyncDisposableStack();
  try {
    if (kind === 'archive') {
      const unpacked = held.use(scratchFolder());
      await unpackTar(path, unpacked.path);
      return { ...mounted(held, unpacked.path) };
    }
    return { ...mounted(held, path) };
  } catch (error) {
    await held.disposeAsync();
    throw error;
  }
}

function mounted(held: AsyncDisposableStack, folder: string): OpenRoot {
  const { descriptor } = held.use(cloneAsRoot(folder));
  return { descriptor, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

function cloneAsRoot(folder: string): OpenMount {
  try {
    return cloneTree(folder, false);
  } catch (error) {
    if (!(error instanceof SyscallError) || error.code !== 'EPERM') throw error;
    const why = 'to mount a root takes CAP_SYS_ADMIN: run it with sudo';
    throw new UsageError(`--rootfs ${folder}: ${why}`, { cause: error });
  }
}

function kindOf(path: string): 'folder' | 'archive' {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new UsageError(`--rootfs ${path}: it is not there (from ${process.cwd()})`);
  }
  if (resolve(path) === '/') {
    throw new UsageError(
      '--rootfs / is the root of this machine: leave the option out',
    );
  }
  if (found.isDirectory()) return 'folder';
  if (found.isFile()) return 'archive';
  throw new UsageError(`--rootfs ${path}: it is neither a folder nor a tar`);
}
