// Made from ../../store/store.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Images on this disk: each layer once, whoever needs it.
//
//     ROOT/<driver>/<chain id>/      the layers, as the graph driver keeps them
//     ROOT/images/<image id>.json    configurations, to the byte
//     ROOT/names/<name>              the id of the image that is called so
//     ROOT/containers/<name>.json    see containers.ts
//
// - `ImageStore`: `add`, `find`, `list`, `name`, `put`, `remove`
// - `refuseDepth(layers)`: more than a container can stand on
//
// A layer is stored under its chain id: two images on one base share the base because
// its files are the same *and* lie on the same files. What is written is written under
// another name first and then renamed. Source: OCI image specification, config.md.

import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { listFolder, type FileEntry } from '@slipway/native';
import type { GraphDriver } from '../../drivers/driver.ts';
import type { OpenImage } from '../images/open-image.ts';
import {
  imageConfig,
  ImageRefused,
  parseJson,
  type ImageConfig,
} from '../images/schemas.ts';
import type { LayerLimits } from '../../layers/limits.ts';
import {
  chainIds,
  digestOf,
  hexOf,
  parseDigest,
  type Digest,
} from '../layers/digest.ts';

export interface StoredImage {
  readonly id: Digest;
  readonly config: ImageConfig;
  /** For each layer its chain id's digits, which is its id for the driver. */
  readonly layers: readonly string[];
}

export interface AddOptions {
  readonly names?: readonly string[];
  readonly limits?: Partial<LayerLimits>;
}

export class ImageStore {
  readonly root: string;
  readonly driver: GraphDriver;
  readonly #roots = new Map<string, readonly FileEntry[]>();

  constructor(root: string, driver: GraphDriver) {
    this.root = root;
    this.driver = driver;
    for (const name of ['images', 'names', 'containers']) {
      mkdirSync(`${root}/${name}`, { recursive: true, mode: 0o700 });
    }
  }

  /**
   * Brings in what is not here yet.
   *
   * @throws LayerRefused, ImageRefused; layers below the refused one stay for next time
   */
  async add(image: OpenImage, options: AddOptions = {}): Promise<StoredImage> {
    refuseDepth(image.layers.length);
    const chain = chainIds(image.layers.map(({ diffId }) => diffId)).map(hexOf);
    for (const [number, layer] of image.layers.entries()) {
      const id = chain[number] ?? '';
      if (this.driver.exists(id)) continue;
      const { diffId } = layer;
      const how = { diffId, ...(options.limits && { limits: options.limits }) };
      try {
        await this.driver.applyDiff(id, chain[number - 1], layer.open(), how);
      } catch (error) {
        // Somebody else has brought the same layer in meanwhile.
        if (!this.driver.exists(id)) throw error;
      }
    }
    const put = this.put(image.configBytes);
    for (const name of options.names ?? []) this.name(put.id, name);
    return put;
  }

  /** A configuration whose layers are here. */
  put(configBytes: Buffer): StoredImage {
    const id = digestOf(configBytes);
    writeWhole(this.root, `${this.root}/images/${hexOf(id)}.json`, configBytes);
    return stored(id, configBytes);
  }

  /** By its name (`:latest` may be left out), its id, or the first digits of that. */
  find(reference: string): StoredImage | undefined {
    const named = [reference, `${reference}:latest`].find(one =>
      existsSync(nameFile(this.root, one)),
    );
    if (named !== undefined) {
      const id = readFileSync(nameFile(this.root, named), 'utf8').trim();
      return this.byId(parseDigest(id));
    }
    const digits = reference.replace(/^sha256:/, '');
    if (!/^[0-9a-f]{4,64}$/.test(digits)) return undefined;
    const fits = imageIds(this.root).filter(id => hexOf(id).startsWith(digits));
    const [only] = fits;
    return only !== undefined && fits.length === 1 ? this.byId(only) : undefined;
  }

  byId(id: Digest): StoredImage | undefined {
    const file = `${this.root}/images/${hexOf(id)}.json`;
    if (!existsSync(file)) return undefined;
    return stored(id, readFileSync(file));
  }

  /** What stands in the root of its tree: looked at once, for there nothing changes. */
  rootOf({ layers }: StoredImage): readonly FileEntry[] {
    const top = layers.at(-1);
    if (top === undefined) return [];
    const known = this.#roots.get(top);
    if (known !== undefined) return known;
    using tree = this.driver.getReadOnly(top);
    const entries = listFolder(tree.descriptor, '');
    this.#roots.set(top, entries);
    return entries;
  }

  configBytes(id: Digest): Buffer {
    return readFileSync(`${this.root}/images/${hexOf(id)}.json`);
  }

  ids(): readonly Digest[] {
    return imageIds(this.root);
  }

  list(): readonly StoredImage[] {
    return this.ids().flatMap(id => this.byId(id) ?? []);
  }

  name(id: Digest, name: string): void {
    writeWhole(this.root, nameFile(this.root, withTag(name)), `${id}\n`);
  }

  namesOf(id: Digest): readonly string[] {
    return readdirSync(`${this.root}/names`)
      .filter(file => !file.startsWith('.'))
      .map(file => decodeURIComponent(file))
      .filter(name => readFileSync(nameFile(this.root, name), 'utf8').trim() === id)
      .toSorted();
  }

  /** The image and its names; the layers stay, for who still stands on them. */
  forget(id: Digest): void {
    for (const name of this.namesOf(id)) rmSync(nameFile(this.root, name));
    rmSync(`${this.root}/images/${hexOf(id)}.json`, { force: true });
  }

  /** The image, its names, and each layer that no other image needs. */
  remove(id: Digest): void {
    const image = this.byId(id);
    if (image === undefined) return;
    this.forget(id);
    const needed = new Set(this.list().flatMap(({ layers }) => layers));
    for (const layer of image.layers.toReversed()) {
      if (needed.has(layer)) continue;
      this.driver.remove(layer);
      this.#roots.delete(layer);
    }
  }
}

/** The kernel stacks 500, and each container has its init layer on top of these. */
const mostLayers = 499;

/** @throws ImageRefused before anything of it is unpacked */
export function refuseDepth(layers: number): void {
  if (layers <= mostLayers) return;
  throw new ImageRefused(
    `${layers} layers: no container can stand on more than ${mostLayers}`,
  );
}

function stored(id: Digest, bytes: Buffer): StoredImage {
  const config = parseJson(imageConfig, bytes, `image ${id}`);
  return { id, config, layers: chainIds(config.rootfs.diff_ids).map(hexOf) };
}

function imageIds(root: string): readonly Digest[] {
  return readdirSync(`${root}/images`)
    .filter(file => /^[0-9a-f]{64}\.json$/.test(file))
    .map(file => parseDigest(`sha256:${file.slice(0, 64)}`));
}

function nameFile(root: string, name: string): string {
  return `${root}/names/${encodeURIComponent(name)}`;
}

function writeWhole(root: string, place: string, content: Buffer | string): void {
  const fresh = `${root}/.new-${randomBytes(6).toString('hex')}`;
  writeFileSync(fresh, content);
  renameSync(fresh, place);
}

function withTag(name: string): string {
  return /:[^/]+$/.test(name) ? name : `${name}:latest`;
}
// As made: ab4a2715
