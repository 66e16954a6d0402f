// What went wrong with an archive, as a refusal with the right one to blame.
//
// - `archiveRefusal(error)`: the archive (INVALID), the disk (FAILED), or the error as it is
//
// Only what a reader of archives throws on purpose is the archive's fault; anything else is ours.

import { diskRefusal } from '../../engine/disk-fault.ts';
import { invalid, Refusal } from '../../engine/refusal.ts';
import { GraphError, ImageRefused, LayerRefused, TarRefused } from '../../libcontainer/layers.ts';

export function archiveRefusal(error: unknown): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error;
  const disks = diskRefusal(error);
  if (disks !== undefined) return disks;
  const isArchives = [GraphError, ImageRefused, LayerRefused, TarRefused].some(
    kind => error instanceof kind,
  );
  if (isArchives || isUnpackers(error)) return invalid(error.message, { cause: error });
  return error;
}

/** zlib's, for bytes that are no gzip or no zstd after all. */
function isUnpackers(error: Error): boolean {
  return /^(Z_|ZSTD_|ERR_ZLIB|ERR_ZSTD)/.test(codeOf(error));
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
