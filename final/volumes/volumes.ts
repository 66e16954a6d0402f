// The engine's volumes, and the mounts of its containers.
//
// - `Volumes.open(options)`
// - `.resolve`, `.keep`, `.open`, `.close`, `.forget`: for a container's life, as mounting.ts tells
//   it
// - `.reconcile()`: when the containers are known: what was begun for one that never was
//   goes, and what was on its way out
// - `.create`, `.list`, `.inspect`, `.remove`, `.prune`, `.usage`: for users
//
// Volumes are folders (chapter 05); who uses one is what the records of containers say, so that no
// list of users can be out of date. A volume comes and goes as a whole, also under `kill -9`.

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { boolean, hasLabels, likeOne, oneOf, valuesOf, type Filters } from '../api/filters.ts';
import { conflict, notFound } from '../engine/refusal.ts';
import type { Database } from '../graph/database.ts';
import type { Table } from '../graph/database/table.ts';
import {
  fillVolumes,
  openMounts,
  VolumeError,
  VolumeStore,
  type OpenMounts,
  type Where,
} from '../libcontainer/volumes.ts';
import { Devices } from './devices.ts';
import { folderSize } from './folder-size.ts';
import { mountPointSchema, type MountPoint } from './mount-point.ts';
import type { ContainersWithMounts, MountedContainer, MountingRequest } from './mounting.ts';
import type { Draft } from './points/draft.ts';
import { explained, notFilled, requestsOf } from './points/requests.ts';
import { draftsOf } from './points/resolve.ts';
import { anonymousLabel, refuseVolume, shownVolume, type ShownVolume } from './shown.ts';
import type { CreateVolume } from './shown.ts';

/** Where it is told what has happened; the daemon's bus of events is one. */
export interface VolumeEvents {
  emit(
    type: 'volume',
    action: string,
    id: string,
    attributes?: Readonly<Record<string, string>>,
  ): void;
}

export interface VolumesOptions {
  /** Of the volumes' folders. */
  readonly root: string;
  readonly database: Database;
  readonly containers: ContainersWithMounts;
  readonly events: VolumeEvents;
  /** Is told, by name, what cannot be read. */
  readonly warn?: (message: string) => void;
}

export class Volumes {
  readonly #store: VolumeStore;
  readonly #containers: ContainersWithMounts;
  readonly #devices: Devices;
  readonly #events: VolumeEvents;
  /** Nameless ones of a container that has no record yet: a daemon may be killed in between. */
  readonly #begun: Table<object>;

  readonly #warn: (message: string) => void;

  private constructor(options: VolumesOptions) {
    const { root, database, containers, events, warn = () => undefined } = options;
    this.#warn = warn;
    this.#begun = database.table('volumes_begun', z.object({}));
    this.#store = VolumeStore.at(root);
    this.#containers = containers;
    this.#devices = new Devices(containers);
    this.#events = events;
  }

  static open(options: VolumesOptions): Volumes {
    return new Volumes(options);
  }

  /** One that is there already stays as it is. @throws Refusal INVALID, UNSUPPORTED, NOT_FOUND */
  create(request: CreateVolume): ShownVolume {
    return this.#create(request, request.Name || newName());
  }

  #create(request: CreateVolume, name: string): ShownVolume {
    if (this.#isThere(request, name)) return this.inspect(name);
    const device = refuseVolume(request, name);
    const anonymous = request.Name === '' || Object.hasOwn(request.Labels ?? {}, anonymousLabel);
    const labels = { ...request.Labels, ...(request.Name === '' && { [anonymousLabel]: '' }) };
    const about = { anonymous, labels, ...(device !== undefined && { device }) };
    const volume = this.#store.create(name, about);
    this.#tell('create', name);
    return shownVolume(volume);
  }

  /** One that is there is given, whatever else is asked for. */
  #isThere({ Driver: driver }: CreateVolume, name: string): boolean {
    return ['', 'local'].includes(driver) && this.#store.find(name) !== undefined;
  }

  #tell(action: string, name: string, attributes: Readonly<Record<string, string>> = {}): void {
    this.#events.emit('volume', action, name, { driver: 'local', ...attributes });
  }

  list(filters: Filters): readonly ShownVolume[] {
    const dangling = boolean(filters, 'dangling');
    const used = this.#used();
    return this.#store
      .list()
      .filter(
        ({ name, labels }) =>
          likeOne(filters, 'name', name) &&
          oneOf(filters, 'driver', 'local') &&
          hasLabels(filters, 'label', labels) &&
          (dangling === undefined || dangling === !used.has(name)),
      )
      .map(shownVolume);
  }

  /** @throws Refusal NOT_FOUND */
  inspect(name: string): ShownVolume {
    try {
      return shownVolume(this.#store.inspect(name));
    } catch (cause) {
      throw missing(name, cause);
    }
  }

  /** @throws Refusal NOT_FOUND unless `force`, CONFLICT while a container has it */
  async remove(name: string, force: boolean): Promise<void> {
    const users = this.#users(name);
    if (users.length > 0)
      throw conflict(`remove ${name}: volume is in use - [${users.join(', ')}]`);
    await this.#remove(name, force);
  }

  async #remove(name: string, force: boolean): Promise<void> {
    try {
      await this.#store.removeSlowly(name);
    } catch (cause) {
      if (cause instanceof VolumeError && cause.code === 'IN_USE')
        throw conflict(`remove ${name}: volume is in use`, { cause });
      const isGone = cause instanceof VolumeError && cause.code !== 'BROKEN';
      if (force && isGone) return;
      throw missing(name, cause);
    }
    this.#tell('destroy', name);
  }

  /** The ids of the containers that have it. */
  #users(name: string): readonly string[] {
    const isUser = ({ mounts }: MountedContainer): boolean =>
      mounts.some(point => point.type === 'volume' && point.name === name);
    return [...this.#containers.all()].filter(isUser).map(({ id }) => id);
  }

  #used(): ReadonlyMap<string, number> {
    const used = new Map<string, number>();
    for (const { mounts } of this.#containers.all()) {
      for (const { type, name } of mounts) {
        if (type === 'volume' && name !== undefined) used.set(name, (used.get(name) ?? 0) + 1);
      }
    }
    return used;
  }

  /** Those that no container has: without `all` only those that nobody has named. */
  async prune(filters: Filters): Promise<{ names: readonly string[]; bytes: number }> {
    const all = boolean(filters, 'all') ?? false;
    const refused = valuesOf(filters, 'label!').length > 0;
    const used = this.#used();
    const unused = this.#store
      .list()
      .filter(
        ({ name, anonymous, labels }) =>
          !used.has(name) &&
          (all || anonymous) &&
          hasLabels(filters, 'label', labels) &&
          !(refused && hasLabels(filters, 'label!', labels)),
      );
    const names: string[] = [];
    let bytes = 0;
    for (const { name, mountpoint, device } of unused) {
      const size = device === undefined ? await folderSize(mountpoint) : 0;
      // A container that was made meanwhile has it now.
      if (this.#users(name).length > 0) continue;
      await this.remove(name, true);
      names.push(name);
      bytes += size;
    }
    this.#events.emit('volume', 'prune', '', { reclaimed: String(bytes) });
    return { names, bytes };
  }

  /** Each with its size and how many containers have it, for `system df`. */
  async usage(): Promise<readonly ShownVolume[]> {
    const used = this.#used();
    return Promise.all(
      this.#store.list().map(async volume => ({
        ...shownVolume(volume),
        UsageData: {
          RefCount: used.get(volume.name) ?? 0,
          Size: volume.device === undefined ? await folderSize(volume.mountpoint) : -1,
        },
      })),
    );
  }

  /**
   * What a container has mounted, for its record; its volumes are made.
   *
   * @throws Refusal; then nothing is made
   */
  resolve(request: MountingRequest): readonly MountPoint[] {
    const drafts = draftsOf(request, reference => this.#containers.find(reference));
    for (const draft of drafts) {
      if (draft.type !== 'volume') continue;
      const [wish, name] = [wishOf(draft), draft.name ?? 'anonymous'];
      if (!this.#isThere(wish, name)) refuseVolume(wish, name);
    }
    return drafts.map(draft => this.#settled(draft));
  }

  #settled(draft: Draft): MountPoint {
    if (draft.type !== 'volume') return mountPointSchema.parse(draft);
    const name = draft.name ?? newName();
    if (draft.name === undefined) this.#begun.put(name, {});
    const made = this.#create(wishOf(draft), name);
    return mountPointSchema.parse({
      ...draft,
      ...{ name: made.Name, source: made.Mountpoint, driver: made.Driver },
      anonymous: draft.anonymous || draft.name === undefined,
    });
  }

  /** Its record is there: from now on that says who has them. */
  keep({ mounts }: MountedContainer): void {
    for (const { name, anonymous } of volumesIn(mounts)) if (anonymous) this.#begun.remove(name);
  }

  async reconcile(): Promise<void> {
    this.#store.sweep();
    this.#store.list(({ message }) => this.#warn(`${message}: it is left out`));
    for (const name of this.#begun.ids()) {
      if (this.#users(name).length === 0) await this.#remove(name, true);
      this.#begun.remove(name);
    }
  }

  /**
   * The mounts of one start, as descriptors; to be disposed of when the init has them.
   *
   * @param root the container's root, as a mount that hangs nowhere
   * @throws Refusal
   */
  async open({ id, mounts }: MountedContainer, root: number): Promise<OpenMounts> {
    try {
      // What is to be in them is there since it was created: who has emptied one meant it.
      const requests = requestsOf(mounts, { copies: false });
      const opened = await openMounts(requests, this.#where(id, root));
      for (const point of volumesIn(mounts)) {
        this.#tell('mount', point.name, {
          ...{ container: id, destination: point.destination, propagation: point.propagation },
          'read/write': String(point.readWrite),
        });
      }
      return opened;
    } catch (error) {
      this.#devices.leave(id);
      throw explained(error, mounts);
    }
  }

  #where(user: string, root: number): Where {
    const openDevice: Where['openDevice'] = (volume, request) =>
      this.#devices.open(user, volume, request);
    return { volumes: this.#store, root, keepAnonymous: true, openDevice };
  }

  /**
   * Once, when the container is created: what the image has goes into its volumes that are empty.
   *
   * @throws Refusal INVALID where the image has a file
   */
  async populate({ id, mounts }: MountedContainer, root: number): Promise<void> {
    const filled = volumesIn(mounts).filter(({ noCopy }) => !noCopy);
    try {
      await fillVolumes(requestsOf(filled, { copies: true }), this.#where(id, root));
    } catch (error) {
      throw notFilled(error, filled);
    } finally {
      this.#devices.leave(id);
    }
  }

  /** The container has ended. */
  close({ id, mounts }: MountedContainer): void {
    this.#devices.leave(id);
    for (const { name } of volumesIn(mounts)) this.#tell('unmount', name, { container: id });
  }

  /** It is being removed; of its volumes those go that nobody has named and nobody else has. */
  async forget({ id, mounts }: MountedContainer): Promise<void> {
    for (const { name, anonymous } of volumesIn(mounts)) {
      const isOthers = this.#users(name).some(user => user !== id);
      if (!anonymous || isOthers) continue;
      await this.#remove(name, true);
      this.#begun.remove(name);
    }
  }
}

function newName(): string {
  return randomBytes(32).toString('hex');
}

function wishOf({ name = '', driver = '', labels = {}, options = {} }: Draft): CreateVolume {
  return { Name: name, Driver: driver, Labels: labels, DriverOpts: options };
}

type OfVolume = MountPoint & { readonly name: string };

function volumesIn(points: readonly MountPoint[]): readonly OfVolume[] {
  return points.filter(
    (point): point is OfVolume => point.type === 'volume' && point.name !== undefined,
  );
}

function missing(name: string, cause: unknown): unknown {
  const isMissing = cause instanceof VolumeError && cause.code !== 'BROKEN';
  return isMissing ? notFound(`get ${name}: no such volume`, { cause }) : cause;
}
