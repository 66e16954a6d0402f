// A few small files as mounts that hang nowhere.
//
// - `mountFiles(texts, held)`: one for each path of the container
//
// They lie in a tmpfs that no table of mounts shows: closing it removes them, and so
// does `kill -9`. Kernels that cannot bind a file of such a mount get a scratch folder,
// which stands in the ledger.

import { writeFileSync } from 'node:fs';
import { scratchFolder } from '@slipway/lab';
import { cloneMount, makeFileSystem, openPath, SyscallError } from '@slipway/native';

export interface FileMount {
  /** A path in the container. */
  readonly target: string;
  readonly descriptor: number;
}

export function mountFiles(
  texts: ReadonlyMap<string, string>,
  held: AsyncDisposableStack,
): readonly FileMount[] {
  const tmpfs = held.use(makeFileSystem('tmpfs', [['mode', '0755']]));
  try {
    return mountFrom(`/proc/self/fd/${tmpfs.descriptor}`, texts, held);
  } catch (error) {
    if (!(error instanceof SyscallError) || error.code !== 'EINVAL') throw error;
    return mountFrom(held.use(scratchFolder()).path, texts, held);
  }
}

function mountFrom(
  folder: string,
  texts: ReadonlyMap<string, string>,
  held: AsyncDisposableStack,
): readonly FileMount[] {
  return [...texts].map(([target, text]) => {
    const path = `${folder}/${target.replaceAll('/', '-')}`;
    writeFileSync(path, text, { mode: 0o644 });
    using file = openPath(path);
    const { descriptor } = held.use(cloneMount(file.descriptor, { recursive: false }));
    return { target, descriptor };
  });
}
