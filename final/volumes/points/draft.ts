// A mount point in the making: its volume may not be there yet.
//
// - `Draft`: a mount point, and what a new volume for it is to be
// - `pointOf(fields)`: with what is usual for the rest

import type { MountPoint } from '../mount-point.ts';

export interface Draft extends MountPoint {
  /** Of the volume, if it is made for this. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly options?: Readonly<Record<string, string>> | undefined;
}

type Needed = Pick<
  MountPoint,
  'type' | 'source' | 'destination' | 'mode' | 'readWrite' | 'propagation'
>;

export function pointOf(fields: Needed & Partial<MountPoint>): MountPoint {
  return {
    ...{ anonymous: false, noCopy: false, nonRecursive: false, readOnlyNonRecursive: false },
    ...{ createSource: false, hidden: false },
    ...fields,
  };
}
