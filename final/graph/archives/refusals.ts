// What went wrong with an archive, as a refusal with the right one to blame.
//
// - `archiveRefusal(error)`: the archive (INVALID), the disk (FAILED), or the error as it is
//
// Only what a reader of archives throws on purpose is the archive's fault; anything else is ours.

import { failed, invalid, Refusal } from '../../engine/refusal.ts';
import { GraphError, ImageRefused, LayerRefused, TarRefused } from '../../libcontainer/layers.ts';

const diskCodes = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS']);

export function archiveRefusal(error: unknown): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error;
  const code = diskFault(error);
  if (code !== undefined)
    return failed(`${meanings[code] ?? code}: ${error.message}`, { cause: error });
  const isArchives = [GraphError, ImageRefused, LayerRefused, TarRefused].some(
    kind => error instanceof kind,
  );
  if (isArchives || isUnpackers(error)) return invalid(error.message, { cause: error });
  return error;
}

const meanings: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
};

/** The errno, if the disk is to blame. */
export function diskFault(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    const code = codeOf(at);
    if (diskCodes.has(code)) return code;
  }
  return undefined;
}

/** zlib's, for bytes that are no gzip or no zstd after all. */
function isUnpackers(error: Error): boolean {
  return /^(Z_|ZSTD_|ERR_ZLIB|ERR_ZSTD)/.test(codeOf(error));
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
