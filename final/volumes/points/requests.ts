// Mount points of a record as wishes of chapter 05, for one start.
//
// - `requestsOf(points, { copies })`: outer destinations first; whether empty volumes are filled
// - `explained(error, points)`, `notFilled(error, points)`: what chapter 05 refuses, in words
//   that Docker's users know

import { failed, invalid, Refusal } from '../../engine/refusal.ts';
import {
  arrange,
  MisfitError,
  readSpread,
  tmpfsOptions,
  usualSpread,
  type MountRequest,
} from '../../libcontainer/volumes.ts';
import type { MountPoint } from '../mount-point.ts';

export interface Filling {
  readonly copies: boolean;
}

export function requestsOf(
  points: readonly MountPoint[],
  filling: Filling,
): readonly MountRequest[] {
  return arrange(points.map(point => requestOf(point, filling)));
}

function requestOf(point: MountPoint, { copies }: Filling): MountRequest {
  const { type, source, destination: target, name, readWrite, subpath } = point;
  const asked = `${type} ${name ?? source} on ${target}`;
  const about = { target, asked, readOnly: !readWrite };
  switch (type) {
    case 'tmpfs':
      return { type, target, asked, ...tmpfsOptions(point.tmpfsOptions ?? [], asked) };
    case 'volume':
      return {
        type,
        ...about,
        name,
        copy: copies && !point.noCopy,
        ...(subpath !== undefined && { subpath }),
      };
    case 'bind':
      return {
        ...{ type, ...about, source, spread: readSpread(point.propagation) ?? usualSpread },
        ...{ recursive: !point.nonRecursive, makeSource: point.createSource },
        ...(point.readOnlyNonRecursive && { readOnlyTop: true }),
      };
  }
}

/** Before it starts a file in the way has other words. */
export function notFilled(error: unknown, points: readonly MountPoint[]): unknown {
  if (error instanceof Refusal && error.code === 'FAILED') {
    return failed(`failed to populate volume: ${error.message}`, { cause: error });
  }
  if (!(error instanceof MisfitError)) return explained(error, points);
  const point = points.find(one => error.message.includes(` on ${one.destination}: `));
  const { destination = '', anonymous = false } = point ?? {};
  const why = anonymous
    ? `cannot mount volume over existing file, file exists ${destination}`
    : `source ${destination} is not directory`;
  return invalid(why, { cause: error });
}

/** The client makes its exit status of some of the words. */
export function explained(error: unknown, points: readonly MountPoint[]): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error;
  if (error instanceof MisfitError) {
    return invalid(
      `error mounting ${error.message}: not a directory: Are you trying to mount a directory ` +
        'onto a file (or vice-versa)? Check if the specified host path exists and is the ' +
        'expected type',
      { cause: error },
    );
  }
  const [, source, at] = /: (\S+) lies on (\S+), which is not shared/.exec(error.message) ?? [];
  if (source !== undefined) {
    const isSlave = points.some(one => one.source === source && /^r?slave$/.test(one.propagation));
    const wanted = isSlave ? 'shared or slave' : 'shared';
    const why = `path ${source} is mounted on ${at} but it is not a ${wanted} mount`;
    return invalid(why, { cause: error });
  }
  if (error.name === 'UsageError') return invalid(error.message, { cause: error });
  return failed(`error while mounting: ${error.message}`, { cause: error });
}
