// The graph: the images of this machine, their names and their layers, and what containers have.
//
// - `new Graph({ root, database, driver, … })`: what is broken is named to the log and left out
// - `.find(text)`, `.get(text)`: by name, id, beginning of an id, digest
// - `.images()`, `.image(id)`, `.put(config bytes)`, `.delete(id)`: the records
// - `.show(configs, nameThem)`: images appear together with their names
// - `.names`, `.containers`: see images/names.ts, containers-layers.ts
// - `.hold(layers)`: nobody removes them until it is disposed of
// - `.reconcile(containers)`: at start; what nobody needs is removed
// - `.nameBroken(containers)`: those of which something is missing
//
//     ROOT/<driver>/<chain id>/       layers          chapter 04 keeps them
//     ROOT/images/<id>.json           configurations, to the byte
//     slipway.db                      names and parents
//
// How often a layer is needed is written down nowhere: images, containers and layers above say so
// each time. An image is there from the moment its configuration is, which comes last; so whatever
// ends in the middle leaves layers that nobody sees, and the next start removes them.

import { z } from 'zod';
import type { Digest, GraphDriver, StoredImage } from '../libcontainer/layers.ts';
import { digestOf, hexOf, ImageStore, isDigest } from '../libcontainer/layers.ts';
import { ContainersLayers } from './containers-layers.ts';
import type { Database } from './database.ts';
import type { Table } from './database/table.ts';
import { findImage, noSuchImage } from './images/find.ts';
import { ImageNames } from './images/names.ts';

export interface GraphOptions {
  /** `<data root>/graph` */
  readonly root: string;
  readonly database: Database;
  readonly driver: GraphDriver;
  readonly log: (message: string) => void;
  readonly now?: () => Date;
  /** Is told what has happened to an image, for the events. */
  readonly onEvent?: (action: ImageAction, image: StoredImage, name: string) => void;
  /** The containers that were made from an image. */
  readonly usersOf?: (id: Digest) => readonly ImageUser[];
}

export type ImageAction = 'delete' | 'import' | 'load' | 'pull' | 'save' | 'tag' | 'untag';

export interface ImageUser {
  readonly id: string;
  readonly running: boolean;
}

export class Graph {
  readonly store: ImageStore;
  readonly names: ImageNames;
  readonly containers: ContainersLayers;
  readonly database: Database;
  readonly now: () => Date;
  readonly #options: GraphOptions;
  readonly #images = new Map<Digest, StoredImage>();
  readonly #sizes = new Map<string, number>();
  readonly #held = new Map<string, number>();
  /** Of which the configuration may be there, and not the name. */
  readonly #begun: Table<object>;

  constructor(options: GraphOptions) {
    const { root, database, driver, now = () => new Date() } = options;
    this.#options = options;
    this.database = database;
    this.now = now;
    this.store = new ImageStore(root, driver);
    this.names = new ImageNames(database);
    this.containers = new ContainersLayers(this.store, layers => this.hold(layers));
    this.#begun = database.table('images_begun', z.object({}));
    this.#forgetBegun();
    for (const id of this.store.ids()) this.#read(id);
  }

  get driver(): GraphDriver {
    return this.store.driver;
  }

  images(): readonly StoredImage[] {
    return [...this.#images.values()];
  }

  image(id: Digest): StoredImage | undefined {
    return this.#images.get(id);
  }

  /** @throws Refusal INVALID if it can be no reference */
  find(text: string): StoredImage | undefined {
    return findImage(this, text);
  }

  /** @throws Refusal INVALID, NOT_FOUND in Docker's words */
  get(text: string): StoredImage {
    const found = this.find(text);
    if (found === undefined) throw noSuchImage(text);
    return found;
  }

  /** A configuration whose layers are here. */
  put(config: Buffer): StoredImage {
    const image = this.store.put(config);
    this.#images.set(image.id, image);
    return image;
  }

  /** It was placed a moment ago, for nothing; unless somebody else counts on it by now. */
  discard(layer: string): void {
    if ((this.#held.get(layer) ?? 0) <= 1) this.driver.remove(layer);
  }

  /** With their names or not at all, whoever fails or is killed; their layers are the caller's. */
  show<T>(configs: readonly Buffer[], nameThem: (images: readonly StoredImage[]) => T): T {
    const fresh = configs.map(digestOf).filter(id => !this.#images.has(id));
    this.database.transaction(() => {
      for (const id of fresh) this.#begun.put(id, {});
    });
    try {
      const images = configs.map(config => this.put(config));
      return this.database.transaction(() => {
        for (const id of fresh) this.#begun.remove(id);
        return nameThem(images);
      });
    } catch (error) {
      for (const id of fresh) this.#images.delete(id);
      for (const id of fresh) this.store.forget(id);
      throw error;
    }
  }

  #forgetBegun(): void {
    for (const id of this.#begun.ids()) {
      if (isDigest(id)) this.store.forget(id);
      this.#begun.remove(id);
    }
  }

  /** @returns the layers that went with it, the highest first */
  delete(id: Digest): readonly string[] {
    const image = this.#images.get(id);
    if (image === undefined) return [];
    this.names.forget(id);
    this.#images.delete(id);
    this.store.forget(id);
    return this.#removeUnneeded(image.layers.toReversed());
  }

  /** Of all files that a layer adds. */
  layerSize(layer: string): number {
    const known = this.#sizes.get(layer);
    if (known !== undefined) return known;
    const bytes = this.containers.bytesOf(layer);
    if (bytes !== undefined) this.#sizes.set(layer, bytes);
    return bytes ?? 0;
  }

  sizeOf({ layers }: StoredImage): number {
    return layers.reduce((sum, layer) => sum + this.layerSize(layer), 0);
  }

  usersOf(id: Digest): readonly ImageUser[] {
    return this.#options.usersOf?.(id) ?? [];
  }

  tell(action: ImageAction, image: StoredImage, name: string): void {
    this.#options.onEvent?.(action, image, name);
  }

  warn(message: string): void {
    this.#options.log(message);
  }

  hold(layers: readonly string[]): Disposable {
    for (const layer of layers) this.#held.set(layer, (this.#held.get(layer) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        for (const layer of layers) {
          const count = (this.#held.get(layer) ?? 1) - 1;
          if (count > 0) this.#held.set(layer, count);
          else this.#held.delete(layer);
        }
      },
    };
  }

  /**
   * Nothing of a container goes while records may be missing that would explain it.
   *
   * @param known the ids of the containers of which there is a record
   */
  reconcile(known: ReadonlySet<string>): void {
    const { log } = this.#options;
    this.driver.sweep();
    const containers = this.database.isWhole ? [...known] : [...known, ...this.containers.list()];
    const own = new Set(containers.flatMap(id => [id, `${id}-init`]));
    const images = new Set(this.images().flatMap(({ layers }) => layers));
    const parents = this.#parents();
    const needed = new Set([...images, ...own]);
    for (const layer of own) {
      let at = parents.get(layer);
      for (; at !== undefined && !needed.has(at); at = parents.get(at)) needed.add(at);
    }
    for (const layer of parents.keys()) {
      if (needed.has(layer)) continue;
      this.driver.remove(layer);
      log(`layer ${layer} belonged to nothing and was removed`);
    }
    for (const { reference, id } of this.names.all()) {
      if (!this.#images.has(id)) this.names.remove(reference);
    }
  }

  /** To the log, which of them cannot start. */
  nameBroken(containers: Iterable<string>): void {
    for (const id of containers) {
      const objection = this.containers.objection(id);
      if (objection !== undefined) this.warn(`container ${id} is broken: ${objection}`);
    }
  }

  #removeUnneeded(layers: readonly string[]): readonly string[] {
    const needed = new Set(this.images().flatMap(image => image.layers));
    const parents = this.#parents();
    const removed: string[] = [];
    for (const layer of layers) {
      const hasChild = [...parents.values()].includes(layer);
      if (needed.has(layer) || this.#held.has(layer) || hasChild) break;
      if (!parents.delete(layer)) continue;
      this.driver.remove(layer);
      removed.push(layer);
    }
    return removed;
  }

  /** Of each layer that there is. */
  #parents(): Map<string, string | undefined> {
    return new Map(this.driver.list().map(layer => [layer, this.#parentOf(layer)]));
  }

  /** The layer itself may be whole; then the image is of use, whatever its size is said to be. */
  #judge(layer: string): void {
    if (this.containers.bytesOf(layer) === undefined) {
      this.warn(`layer ${layer} is broken: how large it is cannot be read`);
    }
  }

  #parentOf(layer: string): string | undefined {
    try {
      return this.driver.parentOf(layer);
    } catch (error) {
      this.warn(`layer ${layer} is broken: ${error instanceof Error ? error.message : ''}`);
      return undefined;
    }
  }

  #read(id: Digest): void {
    const { log } = this.#options;
    try {
      const image = this.store.byId(id);
      if (image === undefined) return;
      if (digestOf(this.store.configBytes(id)) !== id) throw new Error('its bytes were changed');
      const missing = image.layers.find(layer => !this.driver.exists(layer));
      if (missing !== undefined) throw new Error(`its layer ${missing} is not there`);
      this.#images.set(id, image);
      for (const layer of image.layers) this.#judge(layer);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log(`image ${hexOf(id)} is broken and left out: ${why}`);
    }
  }
}
