// A layer that is not unpacked, and what in it is to blame.
//
// - `LayerRefused`: the entry, and why
// - `refusalOf(error, entry)`: any failure while a layer was unpacked, as one of these

import { shownName, SyscallError, type ByteName } from '@slipway/native';
import { TarRefused } from '../tar/entry.ts';

export class LayerRefused extends Error {
  override readonly name = 'LayerRefused';
  /** The path that the archive gave, as a person reads it. */
  readonly entry: string | undefined;

  constructor(why: string, entry?: ByteName, cause?: unknown) {
    const shown = entry === undefined ? undefined : shownName(entry);
    const about = shown === undefined ? '' : `${JSON.stringify(shown)}: `;
    super(`the layer is refused: ${about}${why}`, { cause });
    this.entry = shown;
  }
}

/** What the errno of a call beneath the folder says about the archive. */
const meanings: Readonly<Record<string, string>> = {
  ENOTDIR: 'its path leads through a link or a file',
  ELOOP: 'its path leads through a link',
  EXDEV: 'its path leads out of the layer',
  ENAMETOOLONG: 'a name in its path is too long for this file system',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EPERM: 'the kernel does not let us make it',
};

export function refusalOf(error: unknown, entry?: ByteName): LayerRefused {
  if (error instanceof LayerRefused) return error;
  // A bad header is not the fault of the file before it.
  if (error instanceof TarRefused) {
    return new LayerRefused(error.why, error.entry ?? entry, error);
  }
  if (!(error instanceof SyscallError)) {
    const why = error instanceof Error ? error.message : String(error);
    return new LayerRefused(why, entry, error);
  }
  // Many entries go to the kernel in one call: the refusal itself knows which it was.
  const quoted = /^"(?:[^"\\]|\\.)*"/.exec(error.args)?.[0];
  const meaning = meaningOf(error);
  const why = meaning === undefined ? error.message : `${meaning} (${error.code})`;
  const path = quoted === undefined ? entry : byteNameIn(quoted);
  // Whatever else is missing on the way is made.
  const linked = error.code === 'ENOENT' && /^(linkat|openat2)$/.test(error.syscall);
  return new LayerRefused(
    linked ? 'it is a hard link to a file that the layer does not hold' : why,
    path,
    error,
  );
}

/** Not to be root is the commonest reason of all, and no fault of the archive. */
function meaningOf({ code, syscall }: SyscallError): string | undefined {
  if (code === 'EPERM' && process.geteuid?.() !== 0) {
    return 'only root can make it: be it, or root of a user namespace (unshare -Urmn)';
  }
  if (code === 'EINVAL' && syscall === 'fchown') {
    return 'its owner has no number in this user namespace';
  }
  return meanings[code];
}

function byteNameIn(quoted: string): ByteName {
  try {
    return Buffer.from(String(JSON.parse(quoted)), 'utf8').toString('latin1');
  } catch {
    return Buffer.from(quoted.slice(1, -1), 'utf8').toString('latin1');
  }
}
