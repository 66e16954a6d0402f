// A tar that the engine sends goes to a file or to standard output, which must not be a terminal.
//
// - `writeTar(context, request, file, what)`

import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promises as streams } from 'node:stream';
import type { Context } from '../../command.ts';
import { Failure } from '../../failure.ts';
import type { ApiRequest } from '../../transport.ts';

export async function writeTar(
  { api, out }: Context,
  request: ApiRequest,
  file: string | undefined,
  what: 'save image' | 'export container',
): Promise<void> {
  if (file === undefined && out.isTTY) {
    throw new Failure('cowardly refusing to save to a terminal. Use the -o flag or redirect');
  }
  if (file === undefined) {
    await streams.pipeline(await api.stream(request), out, { end: false });
    return;
  }
  const folder = dirname(file);
  if (!existsSync(folder)) {
    const why = `invalid output path: stat ${folder}: no such file or directory`;
    throw new Failure(`failed to ${what}: ${why}`);
  }
  // Half a tar under the name of a whole one would be a trap.
  const beside = `${file}.part`;
  try {
    await streams.pipeline(await api.stream(request), createWriteStream(beside));
    await rename(beside, file);
  } finally {
    await rm(beside, { force: true });
  }
}
