// Made from ../../wish/arrange.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Several mounts of one container, held against each other.
//
// - `arrange(requests, inherited)`: in the order in which they have to be mounted
//
// A mount hides what was mounted below its target before it, so `/data` comes before
// `/data/cache`, whatever the order on the command line.

import { refuse, type MountRequest } from '../../wish/mount-request.ts';

/**
 * The requests, outer targets first. One of `inherited` (--volumes-from) gives way to a
 * request for the same target, and to a later one of its kind.
 *
 * @throws UsageError if two requests have one target
 */
export function arrange(
  requests: readonly MountRequest[],
  inherited: readonly MountRequest[] = [],
): readonly MountRequest[] {
  const byTarget = new Map(inherited.map(one => [one.target, one]));
  const own = new Map<string, MountRequest>();
  for (const one of requests) {
    const before = own.get(one.target);
    if (before) refuse(one.asked, `${before.asked} is on ${one.target} already`);
    own.set(one.target, one);
    byTarget.set(one.target, one);
  }
  // YOUR PART nested: A mount on /data hides whatever was mounted below /data before.
  // The order on the command line is not the order of mounting.
  void depth;
  return [...byTarget.values()];
}

function depth({ target }: MountRequest): number {
  return target.split('/').length;
}
// As made: d9b27450
