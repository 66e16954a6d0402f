// A container without an image: chapter 03's, with a folder or an archive as its root,
// or on the host's own files.
//
// - `folderRequest(flags, argv)`: → request and wish, held until disposed of

import { readWish, thisMachine } from '@slipway/cgroups';
import {
  containerRequest,
  ownSurroundings,
  readContainerOptions,
} from '@slipway/namespaces';
import { openRoot, ownEnvironment, readRootOptions, withRoot } from '@slipway/rootfs';
import { wishedDevices } from '@slipway/rootfs/root-options.ts';
import type { Prepared, RunFlags } from './image-request.ts';

type FolderPrepared = Pick<Prepared, 'request' | 'wish'> & AsyncDisposable;

/** @throws UsageError, ArchiveRefused, SyscallError */
export async function folderRequest(
  flags: RunFlags,
  argv: readonly string[],
): Promise<FolderPrepared> {
  const rooted = readRootOptions(flags);
  const all = rooted ? ({ ...flags, mount: true, pid: true } as const) : flags;
  const options = readContainerOptions(all, argv, ownSurroundings());
  const wish = readWish(flags, options.namespaces, thisMachine(), rooted !== undefined);
  if (rooted === undefined) {
    const request = containerRequest(options);
    return { request, wish, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const devices = wishedDevices(flags, thisMachine());
  const root = await openRoot(rooted.path);
  const { descriptor } = root;
  const plain = containerRequest({ ...options, env: ownEnvironment(flags) });
  return {
    request: withRoot(plain, { ...rooted, descriptor, devices }),
    wish,
    [Symbol.asyncDispose]: () => root[Symbol.asyncDispose](),
  };
}
