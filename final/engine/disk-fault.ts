// What a disk refuses is nobody's mistake, and has words that people know.
//
// - `diskFault(error)`: the errno, if the disk is to blame somewhere below
// - `diskRefusal(error)`: the same as a refusal: `mkdir /…: no space left on device`
//
// A full disk can be met at every write of every job: so it is the engine that looks for it.

import { failed, type Refusal } from './refusal.ts';

const meanings: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
  EIO: 'input/output error',
  EROFS: 'read-only file system',
};

export function diskFault(error: unknown): string | undefined {
  return faulty(error)?.code;
}

export function diskRefusal(error: unknown): Refusal | undefined {
  const fault = faulty(error);
  if (fault === undefined || !(error instanceof Error)) return undefined;
  return failed(`${about(error)}: ${meanings[fault.code]}`, { cause: error });
}

function faulty(error: unknown): { readonly code: string } | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : '';
    if (code in meanings) return { code };
  }
  return undefined;
}

/** Node's own errors say the errno in front of what it was about, in words of its own. */
function about(error: Error): string {
  if (!('syscall' in error && 'path' in error)) return error.message;
  return `${String(error.syscall)} ${String(error.path)}`;
}
