// A folder held by a descriptor, for who works beneath it.
//
// - `openFolder(path)`: disposing closes it

import { closeSync, constants, openSync } from 'node:fs';

/** @throws Error ENOENT, ENOTDIR */
export function openFolder(path: string): Disposable & { readonly descriptor: number } {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
}
