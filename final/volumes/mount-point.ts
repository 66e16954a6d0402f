// A place in a container where something of the host, or a volume, is mounted.
//
// - `mountPointSchema`, `MountPoint`: as a container's record keeps it
// - `shownMount(point)`: as `inspect` shows it, under `Mounts`
//
// `Volumes.resolve` makes them when a container is created: by then volumes have names and sources
// are absolute. `Volumes.open` turns them into mounts at each start.
// Source: Engine API v1.45, MountPoint.

import { z } from 'zod';

export const mountPointSchema = z.object({
  type: z.enum(['bind', 'volume', 'tmpfs']),
  /** Of a volume. */
  name: z.string().optional(),
  /** On the host; for a volume its `_data`; empty for memory. */
  source: z.string(),
  destination: z.string(),
  driver: z.string().optional(),
  /** As it was given: `ro`, `z`, … */
  mode: z.string(),
  readWrite: z.boolean(),
  propagation: z.string(),
  /** A volume that nobody has named: goes with `rm -v`. */
  anonymous: z.boolean().default(false),
  /** Do not fill a new volume from the image. */
  noCopy: z.boolean().default(false),
  subpath: z.string().optional(),
  nonRecursive: z.boolean().default(false),
  readOnlyNonRecursive: z.boolean().default(false),
  /** A missing source becomes a folder at the start. */
  createSource: z.boolean().default(false),
  tmpfsOptions: z.array(z.string()).readonly().optional(),
  /** By --tmpfs: shown in `HostConfig.Tmpfs` and not among the mounts. */
  hidden: z.boolean().default(false),
});

export type MountPoint = Readonly<z.output<typeof mountPointSchema>>;

export interface ShownMount {
  readonly Type: MountPoint['type'];
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly Driver?: string;
  readonly Mode: string;
  readonly RW: boolean;
  readonly Propagation: string;
}

export function shownMount(point: MountPoint): ShownMount {
  const { type, name, source, destination, driver, mode, readWrite, propagation } = point;
  return {
    Type: type,
    ...(name !== undefined && { Name: name }),
    Source: source,
    Destination: destination,
    ...(driver !== undefined && { Driver: driver }),
    Mode: mode,
    RW: readWrite,
    Propagation: propagation,
  };
}
