// What the containers need of the daemon's other parts, handed in when it is put together.
//
// - `Needs`: all of it
// - `ContainerSettings`: folders and defaults of this daemon

import type { ContainersLayers } from '../../../graph/containers-layers.ts';
import type { Images } from './images.ts';
import type { Database } from '../../../graph/database.ts';
import type { ExecDriver } from '../../../execdriver/driver.ts';
import type { ContainerNetworks, ContainerVolumes } from './neighbours.ts';
import type { Moment } from './moments.ts';

export interface ContainerSettings {
  /** `<data root>/containers`: a folder for each. */
  readonly folder: string;
  /** `<exec root>`: a folder for each that runs. */
  readonly execFolder: string;
  /** The default of `--log-driver`. */
  readonly logDriver: string;
  /** The defaults of `--log-opt`, before those of rotation. */
  readonly logOptions: Readonly<Record<string, string>>;
  readonly ipcMode: 'private' | 'shareable';
  /** Undefined: `host` where control groups are version 1, as it was before they had such views. */
  readonly cgroupnsMode: 'private' | 'host' | undefined;
  /** Whether those have an init that do not say. */
  readonly init: boolean;
  /** What a process may use, of those that do not say. */
  readonly ulimits: readonly {
    readonly Name: string;
    readonly Soft: number;
    readonly Hard: number;
  }[];
  /** The network of those that name none. */
  readonly network: 'bridge' | 'none';
  /** The size of /dev/shm of those that do not say. */
  readonly shmBytes: number;
  /** Below the top of each hierarchy; containers without one of their own go in. */
  readonly cgroupParent: string;
  /** The filter of system calls of who asks for none, in Docker's form; undefined: none. */
  readonly seccompProfile: unknown;
  /** Whether nobody gains rights by a program that does not say. */
  readonly noNewPrivileges: boolean;
  /** The graph driver's name. */
  readonly storageDriver: string;
}

/** Whoever changes something says so, once it is done. */
export interface Events {
  emit(
    type: 'container',
    action: string,
    id: string,
    attributes: Readonly<Record<string, string>>,
  ): void;
}

export interface Needs {
  readonly database: Database;
  readonly events: Events;
  readonly images: Images;
  readonly layers: ContainersLayers;
  readonly networks: ContainerNetworks;
  readonly volumes: ContainerVolumes;
  readonly driver: ExecDriver;
  readonly settings: ContainerSettings;
  readonly now: () => Moment;
  readonly random: (bytes: number) => Uint8Array;
  /** What went wrong behind nobody's request. */
  readonly warn: (message: string) => void;
}
