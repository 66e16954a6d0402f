// A folder does not give way to a file, nor a file to a folder.
//
// - `refuseOtherKind(folder, path, isFolder)`: @throws INVALID if the other kind is there

import { closeSync, constants, fstatSync } from 'node:fs';
import { openBeneath, SyscallError, type ByteName } from '@slipway/native';
import { invalid } from '../../../engine/refusal.ts';

/** O_PATH of open(2), which Node does not name. */
const pathOnly = 0o10000000;

export function refuseOtherKind(folder: number, path: ByteName, isFolder: boolean): void {
  if (path === '') return;
  let descriptor: number;
  try {
    descriptor = openBeneath(folder, path, pathOnly | constants.O_NOFOLLOW);
  } catch (error) {
    if (error instanceof SyscallError) return;
    throw error;
  }
  try {
    const isThereFolder = fstatSync(descriptor).isDirectory();
    if (isThereFolder === isFolder) return;
    const [kept, wanted] = isThereFolder
      ? ['directory', 'non-directory']
      : ['non-directory', 'directory'];
    throw invalid(`cannot overwrite ${kept} "${path}" with ${wanted}`);
  } finally {
    closeSync(descriptor);
  }
}
