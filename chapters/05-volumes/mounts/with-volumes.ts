// Volumes as lines of a program.
//
// - `withVolumes(request, mounts)`: the same request, with its volumes in the root
//
// They are attached when the root stands with all that is its own (/dev, /proc, what is
// hidden in them), and before two things: the root is frozen (--read-only: then no
// mount point could be made in it any more), and pivot_root takes the host out of
// sight.

import { step, type SpawnRequest, type Step } from '@slipway/native';
import type { PreparedMount } from './open-mounts.ts';

/** @throws Error if the request has no root of its own */
export function withVolumes(
  request: SpawnRequest,
  mounts: readonly PreparedMount[],
): SpawnRequest {
  const { program, descriptors = [] } = request;
  const at = program.findIndex(
    ({ call }) => call === 'makeRootReadOnly' || call === 'pivotRoot',
  );
  if (at === -1) throw new Error('volumes need a root of their own: add one first');
  const handed = [...descriptors];
  // #region steps
  const steps = mounts.map((mount): Step => {
    if (!('descriptor' in mount)) return tmpfs(mount);
    handed.push(mount.descriptor);
    return step.attach(handed.length - 1, mount.target);
  });
  // #endregion
  return {
    ...request,
    descriptors: handed,
    // #hole before-pivot: The volumes' steps have to run in the container's own table
    // of mounts, inside its root, and before the root is frozen or entered. `at` is
    // where.
    program: [...program.slice(0, at), ...steps, ...program.slice(at)],
    // #instead
    // program: [...program, ...steps.slice(steps.length)],
    // #endhole
  };
}

function tmpfs({
  target,
  flags,
  data,
}: Exclude<PreparedMount, { descriptor: number }>) {
  return step.mount('tmpfs', target, 'tmpfs', { flags, data });
}
