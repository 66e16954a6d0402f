// A root that cannot be written to because there was no room when it was opened.
//
// - `refuseWithoutRoom(root)`: @throws FAILED
//
// An overlay needs a folder to work in. Where the disk takes none the kernel mounts it read-only,
// and says so to its log alone: whoever wants to read may, and who wants to write is told why not.
// Source: overlayfs.rst; fs/overlayfs/super.c, ovl_make_workdir.

import { accessSync, constants } from 'node:fs';
import { failed } from '../../../engine/refusal.ts';

export function refuseWithoutRoom(root: number): void {
  try {
    accessSync(`/proc/self/fd/${root}`, constants.W_OK);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EROFS')) throw cause;
    throw failed('the container cannot be written to: no space left on device', { cause });
  }
}
