// Made from ../../runtime/hold-volumes.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The volumes of a container in the foreground, from its command line to its end.
//
// - `holdVolumes(requests, root)`: opened and on record; disposing gives them back
// - `plannedVolumes(requests)`: the same for --explain; nothing is opened, nothing made
//
// A runtime holds them while its container runs: the claims on named volumes and the
// record for --volumes-from are its own open descriptors.

import {
  openMounts,
  type OpenMounts,
  type PreparedMount,
} from '../mounts/open-mounts.ts';
import type { MountRequest } from '../../wish/mount-request.ts';
import { ownVolumes } from './volume-options.ts';
import { recordVolumes } from '../../runtime/volume-record.ts';

/** What the image had and a new volume has not is said on standard error. */
export async function holdVolumes(
  requests: readonly MountRequest[],
  root: number,
): Promise<OpenMounts> {
  const opened = await openMounts(requests, { volumes: ownVolumes(), root });
  const held = new DisposableStack();
  held.use(opened);
  if (requests.length > 0) held.use(recordVolumes(opened));
  for (const note of opened.notes) process.stderr.write(`slipway: ${note}\n`);
  return { ...opened, [Symbol.dispose]: () => held.dispose() };
}

export function plannedVolumes(
  requests: readonly MountRequest[],
): readonly PreparedMount[] {
  return requests.map(request => {
    if (request.type !== 'tmpfs') return { target: request.target, descriptor: -1 };
    const { target, flags, data } = request;
    return { target, flags, data };
  });
}
// As made: aee1e0db
