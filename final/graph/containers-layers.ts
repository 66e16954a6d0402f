// What a container has on the disk: a layer of its own, and the init layer below it.
//
//     new ContainersLayers(store, hold)
//     .create(id, image)        both layers, on the image's top one   → Promise<void>
//     .open(id)                 the mount, in nobody's mount table    → ContainerTree:
//         .descriptor    the files, for who stays outside: cp, export, users, working directory;
//                        a program attaches a clone of it
//         .upper         the folder that is written to
//         using          gives it back; a `kill -9` does so too
//     .isOpen(id)               whether somebody has it
//     .remove(id)               both layers; nothing happens if there are none
//     .folders(id)              where they lie, for who wants to look
//     .changes(id)              [{ Path, Kind }] as GET /containers/…/changes answers
//     .sizes(id)                { rw, rootFs } in bytes, as SizeRw and SizeRootFs
//     .archive(id)              what it wrote, as a layer's tar (commit)
//     .list()                   the containers that have layers here (reconciling)
//     exportTree(descriptor)    a whole tree as a tar: `docker export`
//
// The image may be gone once the layers are made: they keep its layers, not its name. Files are
// reached by descriptor only. What reads much lets the event loop breathe (`breathing`).

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { breathing, gathered } from './archives/breathing.ts';
import {
  createContainerLayers,
  GraphError,
  openContainerLayers,
  packEntries,
  removeContainerLayers,
  walkTree,
  type ContainerTree,
  type ImageStore,
  type StoredImage,
} from '../libcontainer/layers.ts';
import { conflict, failed, notFound } from '../engine/refusal.ts';
import { shownName } from '@slipway/native';

export type { ContainerTree } from '../libcontainer/layers.ts';

/** As the API writes it. */
export interface PathChange {
  readonly Path: string;
  /** 0 changed, 1 added, 2 deleted. */
  readonly Kind: 0 | 1 | 2;
}

/** Of the host; the highest first. */
export interface LayersFolders {
  readonly upper: string;
  readonly lower: readonly string[];
  readonly work: string;
}

const kinds = { C: 0, A: 1, D: 2 } as const;

/** What Docker's own init layer holds: each is a place to mount something on. */
const places = [
  { path: '.dockerenv', kind: 'file' },
  { path: 'dev/console', kind: 'file' },
  { path: 'dev/pts', kind: 'folder' },
  { path: 'dev/shm', kind: 'folder' },
  { path: 'etc/mtab', kind: 'link', target: '/proc/mounts' },
] as const;

export class ContainersLayers {
  readonly #store: ImageStore;

  readonly #hold: (layers: readonly string[]) => Disposable;

  /** @param hold keeps layers from being removed while others are put on them */
  constructor(store: ImageStore, hold: (layers: readonly string[]) => Disposable) {
    this.#store = store;
    this.#hold = hold;
  }

  /** @throws Refusal CONFLICT if they are there */
  async create(id: string, image: StoredImage): Promise<void> {
    using _ = this.#hold(image.layers);
    const files = { hostname: '', hosts: '', resolver: '', places };
    await refused(() => createContainerLayers({ store: this.#store, image, id, files }));
  }

  /** @throws Refusal NOT_FOUND if it has none, FAILED if it is broken, CONFLICT if it is open */
  async open(id: string): Promise<ContainerTree> {
    if (!this.exists(id)) throw notFound(`container ${id} has no layer`);
    try {
      return await refused(async () => openContainerLayers(this.#store.driver, id));
    } catch (error) {
      this.#refuseBroken(id);
      throw error;
    }
  }

  /** Undefined if it has none, or not all of them, or they are no union. */
  folders(id: string): LayersFolders | undefined {
    const { driver } = this.#store;
    if (driver.name !== 'overlay' || !driver.exists(id)) return undefined;
    try {
      const [upper = '', ...lower] = driver.layers(id, true).folders;
      return { upper, lower, work: join(dirname(upper), 'work') };
    } catch (error) {
      if (error instanceof GraphError) return undefined;
      throw error;
    }
  }

  /** What is missing of them, if anything is. */
  objection(id: string): string | undefined {
    try {
      const { folders } = this.#store.driver.layers(id, true);
      const gone = folders.find(folder => !existsSync(folder));
      return gone && `${gone} is not there`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  isOpen(id: string): boolean {
    return this.#store.driver.isHeld(id);
  }

  exists(id: string): boolean {
    return this.#store.driver.exists(id);
  }

  remove(id: string): void {
    removeContainerLayers(this.#store, id);
  }

  #refuseBroken(id: string): void {
    if (!this.exists(id)) throw notFound(`container ${id} has no layer`);
    const objection = this.objection(id);
    if (objection !== undefined) throw failed(`container ${id} is broken: ${objection}`);
  }

  /** @throws Refusal NOT_FOUND if it has none, FAILED if it is broken */
  changes(id: string): readonly PathChange[] {
    this.#refuseBroken(id);
    return this.#store.driver
      .changes(id)
      .map(({ kind, path }) => ({ Path: shownName(path), Kind: kinds[kind] }));
  }

  /** Of one that is broken: none, and nobody else's list is spoilt by it. */
  sizes(id: string): { readonly rw: number; readonly rootFs: number } {
    const { driver } = this.#store;
    if (this.objection(id) !== undefined) return { rw: 0, rootFs: 0 };
    const rw = driver.diffSize(id);
    let rootFs = rw;
    for (let at = driver.parentOf(id); at !== undefined; at = driver.parentOf(at)) {
      // What the init layer holds is the engine's.
      if (at !== `${id}-init`) rootFs += this.bytesOf(at) ?? 0;
    }
    return { rw, rootFs };
  }

  /** Of an image's layer, as it was noted when it came; undefined if that cannot be read. */
  bytesOf(layer: string): number | undefined {
    try {
      return this.#store.driver.applied(layer)?.bytes;
    } catch {
      return undefined;
    }
  }

  archive(id: string): AsyncIterable<Buffer> {
    return breathing(this.#store.driver.diff(id));
  }

  list(): readonly string[] {
    return this.#store.driver.list().flatMap(layer => {
      const name = /^([0-9a-f]{64})-init$/.exec(layer)?.[1];
      return name === undefined ? [] : [name];
    });
  }
}

/** The same files make the same bytes. The root itself is not among them, as in Docker. */
export function exportTree(descriptor: number): AsyncIterable<Buffer> {
  return breathing(gathered(packEntries(descriptor, withoutRoot(descriptor))));
}

function* withoutRoot(descriptor: number): ReturnType<typeof walkTree> {
  for (const one of walkTree(descriptor)) if (one.path !== '') yield one;
}

async function refused<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof GraphError) throw conflict(error.message, { cause: error });
    throw error;
  }
}
