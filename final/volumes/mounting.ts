// What a container says of its mounts, and who uses which volume.
//
// - `MountingRequest`: the part of a create request that is about mounts
// - `ContainersWithMounts`: how volumes find containers, handed in when the daemon is put together
//
// The life of a container's mounts:
//
//   create   `Volumes.resolve(request)`       volumes made, sources checked → the record's `mounts`
//            `Volumes.keep(container)`         the record is there, and says who has them
//   start    `Volumes.open(container, root)`  each source opened once → descriptors, which are
//                                             disposed of when the init has them
//   end      `Volumes.close(container)`       tells of `unmount`
//   remove   `Volumes.forget(container)`      with `rm -v` the anonymous ones that nobody else has
//
// Who uses a volume is not written down: the records of containers say it.

import type { MountPoint } from './mount-point.ts';

/** `Mounts` of a host configuration, as `--mount` writes them. */
export interface MountWish {
  readonly Type: string;
  readonly Source?: string | undefined;
  readonly Target: string;
  readonly ReadOnly?: boolean | undefined;
  readonly BindOptions?:
    | {
        readonly Propagation?: string | undefined;
        readonly NonRecursive?: boolean | undefined;
        readonly CreateMountpoint?: boolean | undefined;
        readonly ReadOnlyNonRecursive?: boolean | undefined;
        readonly ReadOnlyForceRecursive?: boolean | undefined;
      }
    | undefined;
  readonly VolumeOptions?:
    | {
        readonly NoCopy?: boolean | undefined;
        readonly Labels?: Readonly<Record<string, string>> | undefined;
        readonly Subpath?: string | undefined;
        readonly DriverConfig?:
          | {
              readonly Name?: string | undefined;
              readonly Options?: Readonly<Record<string, string>> | undefined;
            }
          | undefined;
      }
    | undefined;
  readonly TmpfsOptions?:
    | {
        readonly SizeBytes?: number | undefined;
        readonly Mode?: number | undefined;
        readonly Options?: readonly (readonly string[])[] | undefined;
      }
    | undefined;
}

export interface MountingRequest {
  /** With the image's own volumes merged in. */
  readonly config: { readonly Volumes: Readonly<Record<string, unknown>> | null };
  readonly hostConfig: {
    readonly Binds: readonly string[] | null;
    readonly Mounts?: readonly MountWish[] | undefined;
    readonly Tmpfs?: Readonly<Record<string, string>> | undefined;
    readonly VolumesFrom: readonly string[] | null;
    readonly VolumeDriver: string;
  };
}

/** The part of a container's record that is about mounts. */
export interface MountedContainer {
  readonly id: string;
  readonly mounts: readonly MountPoint[];
  /** Zero while it does not run. */
  readonly state?: { readonly pid: number };
}

/** What volumes ask of the containers. */
export interface ContainersWithMounts {
  /** By id, name or the beginning of an id. @throws Refusal NOT_FOUND `No such container: …` */
  find(reference: string): MountedContainer;
  all(): Iterable<MountedContainer>;
}
