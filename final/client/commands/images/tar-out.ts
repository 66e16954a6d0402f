// A tar that the engine sends goes to a file or to standard output, which must not be a terminal.
//
// - `writeTar(context, request, file)`

import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Context } from '../../command.ts';
import { Failure } from '../../failure.ts';
import type { ApiRequest } from '../../transport.ts';

export async function writeTar(
  { api, out }: Context,
  request: ApiRequest,
  file: string | undefined,
): Promise<void> {
  if (file === undefined && out.isTTY) {
    throw new Failure('cowardly refusing to save to a terminal. Use the -o flag or redirect');
  }
  const answer = await api.stream(request);
  if (file === undefined) {
    await pipeline(answer, out, { end: false });
    return;
  }
  // Half a tar under the name of a whole one would be a trap.
  const beside = `${file}.part`;
  try {
    await pipeline(answer, createWriteStream(beside));
    await rename(beside, file);
  } finally {
    await rm(beside, { force: true });
  }
}
