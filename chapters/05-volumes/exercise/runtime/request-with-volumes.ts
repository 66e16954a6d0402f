// Made from ../../runtime/request-with-volumes.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// A request for a container, and the volumes that are wanted in it.
//
// - `requestWithVolumes(request, requests)`: held while the container runs
// - `plannedRequest(request, requests)`: the same for --explain; makes nothing
// - `imageVolumes(declared, requests)`: those that an image asks for (VOLUME) as well
//
// Earlier chapters made the request, later ones wrap it again. All that is needed of it
// is its root: the descriptor that its program attaches to `/`.

import type { SpawnRequest } from '@slipway/native';
import { withVolumes } from '../mounts/with-volumes.ts';
import { arrange } from '../wish/arrange.ts';
import type { MountRequest } from '../../wish/mount-request.ts';
import { readTarget } from '../wish/target.ts';
import { holdVolumes, plannedVolumes } from './hold-volumes.ts';
import { refuseWithoutRoot } from './volume-options.ts';

export interface RequestWithVolumes extends Disposable {
  readonly request: SpawnRequest;
}

/** @throws UsageError, VolumeError, SyscallError; then nothing is held */
export async function requestWithVolumes(
  request: SpawnRequest,
  requests: readonly MountRequest[],
): Promise<RequestWithVolumes> {
  const root = rootOf(request);
  if (root === undefined || requests.length === 0) {
    refuseWithoutRoot(requests);
    return { request, [Symbol.dispose]: () => undefined };
  }
  const volumes = await holdVolumes(requests, root);
  return {
    request: withVolumes(request, volumes.mounts),
    [Symbol.dispose]: () => volumes[Symbol.dispose](),
  };
}

export function plannedRequest(
  request: SpawnRequest,
  requests: readonly MountRequest[],
): SpawnRequest {
  if (requests.length === 0) return request;
  if (rootOf(request) === undefined) refuseWithoutRoot(requests);
  return withVolumes(request, plannedVolumes(requests));
}

/** A volume without a name for each folder that the image declares and nobody took. */
export function imageVolumes(
  declared: Readonly<Record<string, unknown>> | null | undefined,
  requests: readonly MountRequest[],
): readonly MountRequest[] {
  const own = Object.keys(declared ?? {}).map((text): MountRequest => {
    const asked = `VOLUME ${text} of the image`;
    const target = readTarget(text, asked);
    return {
      type: 'volume',
      name: undefined,
      target,
      asked,
      readOnly: false,
      copy: true,
    };
  });
  const taken = new Set(requests.map(({ target }) => target));
  return arrange([...requests, ...own.filter(({ target }) => !taken.has(target))]);
}

function rootOf({ program, descriptors = [] }: SpawnRequest): number | undefined {
  const attach = program.find(one => one.call === 'attach' && one.target === '/');
  return attach?.call === 'attach' ? descriptors[attach.descriptor] : undefined;
}
// As made: 51acf89a
