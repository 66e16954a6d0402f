// Values into files that the kernel answers from memory, many in one call.
//
// - `writeFiles(writes)`: one after the other, until one is refused
//
// For a control group: each of its limits is a file. See addon/src/files/writes.rs.

import { native } from '../binding.ts';
import { SyscallError } from '../syscall-error.ts';

export interface FileWrite {
  readonly path: string;
  readonly text: string;
  /** A file to read right behind it: it tells whether the value was taken. */
  readonly told?: string;
}

/** How the file that tells reads then, or why the write was refused. */
export type Written = { readonly found: string | undefined } | { readonly error: unknown };

/** One answer a write; behind a refused one there are no more. */
export function writeFiles(writes: readonly FileWrite[]): readonly Written[] {
  const answers = native().writeFiles([...writes]);
  return answers.map(({ errno, found }, index) => {
    if (errno === 0) return { found };
    const args = writes[index]?.path ?? '';
    return { error: new SyscallError({ syscall: 'write', args, errno }) };
  });
}
