// What a user wants mounted in a container, after its text was read.
//
// - `MountRequest`: a bind of the host's files, a named volume, or a tmpfs
// - `Asked`: the option as it was typed; every refusal begins with it
//
// Whoever reads JSON instead of a command line builds the same values. Nothing here has
// looked at a disk: a source may be missing, a target may be a link.

import type { MountFlag } from '@slipway/native';
import { UsageError } from '@slipway/namespaces';
import type { IdMap } from '@slipway/namespaces/container/id-map.ts';

/** How far a mount made on one side is seen on the other. */
export interface Spread {
  readonly kind: 'private' | 'slave' | 'shared';
  /** Also for what is mounted below. */
  readonly recursive: boolean;
}

interface Common {
  /** Where it goes: absolute, normal, never `/`. */
  readonly target: string;
  /** The option as it was typed. */
  readonly asked: string;
}

export interface BindRequest extends Common {
  readonly type: 'bind';
  /** Absolute. */
  readonly source: string;
  readonly readOnly: boolean;
  readonly spread: Spread;
  /** With what is mounted below the source. */
  readonly recursive: boolean;
  /** Read-only, but not what is mounted below the source. */
  readonly readOnlyTop?: boolean;
  /** A missing source becomes an empty folder, as `-v` has always done. */
  readonly makeSource: boolean;
  /** Owners on disk and as they are seen, or nothing to leave them alone. */
  readonly owners?: readonly IdMap[];
}

export interface VolumeRequest extends Common {
  readonly type: 'volume';
  /** undefined: a new one without a name, which ends with the container. */
  readonly name: string | undefined;
  readonly readOnly: boolean;
  /** What the image has at the target comes along while the volume is empty. */
  readonly copy: boolean;
  /** A folder or file in the volume, instead of all of it. */
  readonly subpath?: string;
  readonly owners?: readonly IdMap[];
}

export interface TmpfsRequest extends Common {
  readonly type: 'tmpfs';
  readonly flags: readonly MountFlag[];
  /** The file system's own options, as mount(2) takes them. */
  readonly data: string;
}

export type MountRequest = BindRequest | VolumeRequest | TmpfsRequest;

/** A folder for a file, or a file for a folder. */
export class MisfitError extends UsageError {}

/** @throws UsageError always: the option as typed, and what is wrong with it */
export function refuse(asked: string, why: string): never {
  throw new UsageError(`${asked}: ${why}`);
}
