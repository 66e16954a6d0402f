// Networks and volumes as the containers use them.

import type { AllocatedNetwork, NetworkedContainer } from '../../../networkdriver/driver.ts';
import type { AskedEndpoint, NetworkSettings } from '../../../networkdriver/settings.ts';
import type { MountPoint } from '../../../volumes/mount-point.ts';
import type { MountedContainer, MountingRequest } from '../../../volumes/mounting.ts';
import type { PreparedMount } from '../../../libcontainer/volumes.ts';

export interface ContainerNetworks {
  plan(request: {
    readonly config: NetworkedContainer['config'];
    readonly hostConfig: NetworkedContainer['hostConfig'];
    readonly endpoints: Readonly<Record<string, AskedEndpoint>>;
  }): Readonly<Record<string, AskedEndpoint>>;
  allocate(container: NetworkedContainer): AllocatedNetwork;
  /** Nothing happens if it has nothing. */
  release(container: { readonly id: string }): void;
  renamed(container: NetworkedContainer): void;
  unlinked(container: NetworkedContainer, alias: string): void;
  settings(container: NetworkedContainer): NetworkSettings;
  /** What `--link` puts into the environment of its processes. @throws Refusal as `allocate` */
  linkVariables(container: NetworkedContainer): readonly string[];
}

export interface ContainerVolumes {
  resolve(request: MountingRequest): readonly MountPoint[];
  keep(container: MountedContainer): void;
  /** New volumes get what a new container has at their targets. */
  populate(container: MountedContainer, root: number): Promise<void>;
  open(
    container: MountedContainer,
    root: number,
  ): Promise<Disposable & { readonly mounts: readonly PreparedMount[] }>;
  close(container: MountedContainer): void;
  /** Those of its volumes go that nobody has named and nobody else has. */
  forget(container: MountedContainer): Promise<void>;
}
