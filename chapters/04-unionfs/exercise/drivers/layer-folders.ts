// Made from ../../drivers/layer-folders.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Layers as folders: what all drivers keep in the same way.
//
//     HOME/<id>/parent      the id of the layer below; not there for the lowest one
//     HOME/<id>/diff/       its files
//     HOME/<id>/layer.json  of an image's layer: diff id, entries, bytes
//     HOME/<id>/recipe      of an image's layer: how to make its archive again
//     HOME/<id>/…           what else a driver keeps beside them
//
// - `LayerFolders`: which there are, their parents, made whole or not at all
//
// A layer is made under a name that is no id, and renamed. What somebody has left half
// made, who was killed, the next one removes. Sources: rename(2), flock(2).

import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { errnoOf } from '@slipway/cgroups/group/errors.ts';
import { tryLock, type OpenMount } from '@slipway/native';
import { z } from 'zod';
import { parseJson } from '../images/schemas.ts';
import type { Applied, ApplyOptions } from '../layers/apply.ts';
import { isDigest, type Digest } from '../layers/digest.ts';
import { inheritFolders } from '../layers/unpack/inherit.ts';
import { fromRecipe } from '../../layers/unpack/recipe.ts';
import { openFolder } from '../../layers/unpack/open-folder.ts';
import { branchesOf } from '../../drivers/branches.ts';
import {
  checkId,
  GraphError,
  isId,
  type LayerOptions,
  type Layers,
} from '../../drivers/driver.ts';

const layerRecord = z.object({
  diffId: z.custom<Digest>(value => typeof value === 'string' && isDigest(value)),
  entries: z.number(),
  bytes: z.number(),
  archiveBytes: z.number().optional(),
  leftOut: z.array(z.string()),
  untold: z.array(z.string()).optional(),
});

export interface Unpacking {
  /** Nothing of a driver whose layers are whole trees. */
  readonly below?: (parent: string) => OpenMount;
  readonly unpack: (
    folder: string,
    recipe: Pick<ApplyOptions, 'recipe'>,
  ) => Promise<Applied>;
}

function inherit(
  folder: string,
  applied: Applied | undefined,
  parent: string | undefined,
  below: Unpacking['below'],
): void {
  const { untold = [] } = applied ?? {};
  if (untold.length === 0 || parent === undefined || below === undefined) return;
  using tree = below(parent);
  inheritFolders(folder, untold, tree.descriptor);
}

export class LayerFolders {
  readonly home: string;

  constructor(home: string) {
    this.home = home;
    mkdirSync(home, { recursive: true, mode: 0o711 });
    sweep(home, momentMs);
  }

  exists(id: string): boolean {
    return existsSync(this.place(id));
  }

  place(id: string): string {
    return `${this.home}/${checkId(id)}`;
  }

  diff(id: string): string {
    return `${this.place(id)}/diff`;
  }

  parentOf(id: string): string | undefined {
    try {
      return checkId(readFileSync(`${this.place(id)}/parent`, 'utf8').trim());
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** The layer and those below it, the highest first. @throws GraphError */
  chain(id: string): readonly string[] {
    const chain: string[] = [];
    for (let at: string | undefined = id; at !== undefined; at = this.parentOf(at)) {
      if (!this.exists(at)) throw new GraphError(`there is no layer ${at}`);
      if (chain.includes(at)) throw new GraphError(`layer ${at} is its own parent`);
      chain.push(at);
    }
    return chain;
  }

  layers(id: string, writable: boolean): Layers {
    const ids = this.chain(id);
    return {
      folders: ids.map(one => this.diff(one)),
      branches: branchesOf(ids, writable),
    };
  }

  /** `fill` makes what is in the layer's folder; if it fails there is none. */
  async add(
    id: string,
    parent: string | undefined,
    fill: (place: string) => Promise<void> | void,
  ): Promise<void> {
    const place = this.place(id);
    if (this.exists(id)) throw new GraphError(`there is a layer ${id} already`);
    if (parent !== undefined && !this.exists(parent)) {
      throw new GraphError(`layer ${id}: there is no parent ${parent}`);
    }
    const fresh = `${this.home}/.new-${randomUUID()}`;
    mkdirSync(fresh, { mode: 0o711 });
    // For as long as it is filled; who is killed meanwhile leaves it without a lock.
    using filling = openFolder(fresh);
    tryLock(filling.descriptor, 'exclusive');
    try {
      await fill(fresh);
      if (parent !== undefined) writeFileSync(`${fresh}/parent`, `${parent}\n`);
      renameSync(fresh, place);
    } catch (error) {
      rmSync(fresh, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * A layer from an archive, which `unpack` puts into the folder that it is given;
   * `below` opens the tree of the parent.
   */
  async addApplied(
    id: string,
    parent: string | undefined,
    { passing }: LayerOptions,
    { below, unpack }: Unpacking,
  ): Promise<Applied> {
    let applied: Applied | undefined;
    await this.add(id, parent, async place => {
      const recipe = passing ? {} : { recipe: `${place}/recipe` };
      applied = await unpack(`${place}/diff`, recipe);
      inherit(`${place}/diff`, applied, parent, below);
      writeFileSync(`${place}/layer.json`, `${JSON.stringify(applied)}\n`);
    });
    if (applied === undefined) throw new GraphError(`layer ${id} was not unpacked`);
    return applied;
  }

  /** Where a layer's folder holds only what is its own, its parent is but a name. */
  adopt(
    from: string,
    id: string,
    parent: string | undefined,
    below: Unpacking['below'],
  ): void {
    if (this.exists(id)) throw new GraphError(`there is a layer ${id} already`);
    if (parent !== undefined) {
      if (!this.exists(parent)) {
        throw new GraphError(`layer ${id}: there is no parent ${parent}`);
      }
      inherit(this.diff(from), this.applied(from), parent, below);
      writeFileSync(`${this.place(from)}/parent`, `${parent}\n`);
    }
    renameSync(this.place(from), this.place(id));
  }

  /** The archive that the layer came as; undefined for a container's layer. */
  archive(id: string): Iterable<Buffer> | undefined {
    const recipe = `${this.place(id)}/recipe`;
    return existsSync(recipe) ? fromRecipe(recipe, this.diff(id)) : undefined;
  }

  applied(id: string): Applied | undefined {
    const file = `${this.place(id)}/layer.json`;
    if (!existsSync(file)) return undefined;
    return parseJson(layerRecord, readFileSync(file), file);
  }

  /**
   * The right to write to a layer, until it is disposed of or its holder ends.
   *
   * @returns undefined if another one has it
   */
  claim(id: string): Disposable | undefined {
    const claim = openFolder(this.place(id));
    if (tryLock(claim.descriptor, 'exclusive')) return claim;
    claim[Symbol.dispose]();
    return undefined;
  }

  isHeld(id: string): boolean {
    if (!this.exists(id)) return false;
    const claim = this.claim(id);
    claim?.[Symbol.dispose]();
    return claim === undefined;
  }

  remove(id: string): void {
    if (!this.exists(id)) return;
    // First out of sight, then gone: who is killed half way leaves no half of a layer.
    const old = `${this.home}/.old-${randomUUID()}`;
    renameSync(this.place(id), old);
    rmSync(old, { recursive: true, force: true });
  }

  /** At once: nobody else is just about to lock what he has made. */
  sweep(): void {
    sweep(this.home, 0);
  }

  /** What else lies there is nobody's layer. */
  ids(): readonly string[] {
    return readdirSync(this.home, { withFileTypes: true })
      .filter(entry => entry.isDirectory() && isId(entry.name))
      .map(({ name }) => name);
  }
}

/** Between the making of a folder and its lock there is a moment. */
const momentMs = 60_000;

/** What somebody has begun to make, or to remove, who was killed half way. */
function sweep(home: string, youngestMs: number): void {
  for (const name of readdirSync(home)) {
    if (!/^\.(new|old)-/.test(name)) continue;
    const place = `${home}/${name}`;
    const found = statSync(place, { throwIfNoEntry: false });
    if (found === undefined || Date.now() - found.ctimeMs < youngestMs) continue;
    using left = openFolder(place);
    if (tryLock(left.descriptor, 'exclusive')) {
      rmSync(place, { recursive: true, force: true });
    }
  }
}
// As made: ec69698f
