// What an errno means, as C and Go say it.
//
// - `errnoText(error)`: `no such file or directory`

import { getSystemErrorMessage } from 'node:util';

/** Node's words for these are its own. */
const ownWords: Readonly<Record<string, string>> = {
  EISDIR: 'is a directory',
  EBUSY: 'device or resource busy',
  ENOMEM: 'cannot allocate memory',
  ENOTBLK: 'block device required',
  E2BIG: 'argument list too long',
  ENOEXEC: 'exec format error',
  EROFS: 'read-only file system',
  ELOOP: 'too many levels of symbolic links',
};

export function errnoText({ code, errno }: { readonly code: string; readonly errno: number }) {
  return ownWords[code] ?? getSystemErrorMessage(-errno);
}
