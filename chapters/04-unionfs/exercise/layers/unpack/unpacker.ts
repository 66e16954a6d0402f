// Made from ../../../layers/unpack/unpacker.ts by `npm run generate`. It leaves out 2 parts: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The entries of a layer's archive become files beneath a folder.
//
// - `new LayerUnpacker(root, options)`: a sink for a TarReader
// - `.finish()`: what had to wait for the last entry; `.discard()`: in the end, always
//
// A whiteout hides what is *below* the layer, whatever its place in the archive; so a
// name that the layer also holds wins, and a folder that comes anew hides the old one
// as a whole (opaque). Order inside one file: content, owner, mode, attributes, time.
// Sources: OCI image specification, layer.md; chown(2) about what it takes away.

import {
  FileBatch,
  listFolder,
  nodeTypes,
  shownName,
  type Attributes,
  type ByteName,
  type Time,
} from '@slipway/native';
import type { TarEntry } from '../../../tar/entry.ts';
import type { TarSink } from '../../../tar/reader.ts';
import { layerPath } from '../../../layers/unpack/layer-path.ts';
import type { Budget } from '../../../layers/limits.ts';
import type { RecipeWriter } from '../../../layers/unpack/recipe.ts';
import { LayerRefused } from '../../../layers/refused.ts';
import {
  isOverlayXattr,
  opaqueName,
  opaqueXattr,
  readWhiteout,
  whiteoutName,
  type WhiteoutForm,
} from '../whiteouts.ts';

export interface UnpackOptions {
  readonly whiteouts: WhiteoutForm;
  /** We are root of a user namespace: no devices, and overlayfs under `user.`. */
  readonly userNamespace: boolean;
  readonly budget: Budget;
  /** Is told what the archive holds beside the contents of files. */
  readonly recipe?: RecipeWriter;
}

/** What is being written. */
interface Writing {
  readonly path: ByteName;
  readonly attributes: Attributes;
  readonly size: number;
  /** It is too large for one instruction, or has holes. */
  readonly isOpen: boolean;
}

const byRoot = { uid: 0, gid: 0 };
const epoch: Time = { seconds: 0, nanoseconds: 0 };

export class LayerUnpacker implements TarSink {
  readonly #root: number;
  readonly #options: UnpackOptions;
  readonly #batch: FileBatch;
  readonly #made = new Map<ByteName, 'folder' | 'other'>();
  readonly #hidden = new Set<ByteName>();
  readonly #folders: [ByteName, Time][] = [];
  readonly #leftOut: ByteName[] = [];
  #writing: Writing | undefined;
  #current: ByteName | undefined;

  constructor(root: number, options: UnpackOptions) {
    this.#root = root;
    this.#options = options;
    this.#batch = new FileBatch(root);
  }

  /** The entry at hand, as the archive names it. */
  get current(): ByteName | undefined {
    return this.#current;
  }

  /** Devices that a user namespace may not make. */
  get leftOut(): readonly ByteName[] {
    return this.#leftOut;
  }

  /** Folders that no entry describes and something lies in, the outer ones first. */
  get untold(): readonly ByteName[] {
    const untold = new Set<ByteName>();
    for (const path of [...this.#made.keys(), ...this.#hidden]) {
      for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
        const above = path.slice(0, at);
        if (untold.has(above)) break;
        if (!this.#made.has(above)) untold.add(above);
      }
    }
    return [...untold].toSorted();
  }

  entry(entry: TarEntry): void {
    this.#current = entry.name;
    const text = entry.kind === 'link' ? entry.target.length : 0;
    this.#options.budget.entry(entry.name, entry.size + text);
    const path = layerPath(entry.name);
    const isLayer = this.#options.whiteouts !== 'none';
    const whiteout = isLayer ? readWhiteout(path) : undefined;
    if (whiteout?.kind === 'whiteout') return this.#hide(whiteout.path);
    if (whiteout?.kind === 'opaque') return this.#makeOpaque(whiteout.folder);
    if (whiteout?.kind === 'ignored') return;
    if (path === '' && entry.kind !== 'folder') {
      throw new LayerRefused('it would replace the root of the layer', entry.name);
    }
    const renewed = this.#uncover(path);
    this.#make(path, entry);
    if (renewed && entry.kind === 'folder') this.#makeOpaque(path);
  }

  content(bytes: Buffer, position: number): void {
    const { recipe } = this.#options;
    if (this.#writing === undefined) return recipe?.raw(bytes);
    const { path, isOpen } = this.#writing;
    recipe?.content(path, position, bytes.length);
    if (isOpen) this.#batch.write(path, position, bytes);
    else this.#batch.more(bytes);
  }

  raw(bytes: Buffer): void {
    this.#options.recipe?.raw(bytes);
  }

  end(): void {
    const writing = this.#writing;
    this.#writing = undefined;
    if (writing === undefined) return;
    const { path, attributes, isOpen, size } = writing;
    if (isOpen) this.#batch.close(path, size, attributes);
  }

  /** Folders get their times last: every name made in one changes it. */
  finish(): void {
    this.#current = undefined;
    for (const [path, modified] of this.#folders.toReversed()) {
      this.#batch.times(path, modified);
    }
    this.#batch.flush();
  }

  /** Nothing happens beneath the folder any more. */
  discard(): void {
    this.#batch[Symbol.dispose]();
    this.#writing = undefined;
  }

  #make(path: ByteName, entry: TarEntry): void {
    const attributes = this.#attributes(entry);
    this.#made.set(path, entry.kind === 'folder' ? 'folder' : 'other');
    switch (entry.kind) {
      case 'folder':
        this.#batch.folder(path, attributes);
        this.#folders.push([path, entry.modified]);
        return;
      case 'link':
        return this.#batch.link(path, attributes, entry.target);
      case 'hardLink':
        return this.#link(path, entry);
      case 'file':
        this.#writing = this.#begin(path, entry, attributes);
        return;
      default:
        return this.#node(path, entry, attributes);
    }
  }

  #link(path: ByteName, entry: TarEntry): void {
    const existing = layerPath(entry.target);
    if (existing === '' || existing === path) {
      throw new LayerRefused(`it is a hard link to ${existing || '/'}`, entry.name);
    }
    if (this.#hidden.has(existing)) {
      const why = 'it is a hard link to what the layer has taken away';
      throw new LayerRefused(
        `${why}: ${JSON.stringify(shownName(existing))}`,
        entry.name,
      );
    }
    this.#batch.hardLink(path, existing);
  }

  #begin(path: ByteName, entry: TarEntry, attributes: Attributes): Writing {
    const { size, pieces } = entry;
    const isOpen = size > FileBatch.largestFile || pieces !== undefined;
    if (isOpen) this.#batch.open(path);
    else this.#batch.begin(path, attributes, size);
    return { path, attributes, size, isOpen };
  }

  #node(path: ByteName, entry: TarEntry, attributes: Attributes): void {
    const { kind, major, minor } = entry;
    if (kind !== 'character' && kind !== 'block' && kind !== 'fifo') return;
    if (kind === 'character' && major === 0 && minor === 0) {
      throw new LayerRefused('the device 0:0 is the sign of a whiteout', entry.name);
    }
    if (kind !== 'fifo' && this.#options.userNamespace) {
      this.#leftOut.push(entry.name);
      return;
    }
    const mode = attributes.mode | nodeTypes[kind];
    this.#batch.node(path, { ...attributes, mode }, major, minor);
  }

  #hide(path: ByteName): void {
    if (this.#isBelowFile(path)) return;
    this.#uncoverAbove(path);
    const own = this.#made.get(path);
    if (own === 'folder') return this.#makeOpaque(path);
    if (own === 'other') return;
    if (this.#options.whiteouts === 'applied') return this.#batch.remove(path);
    this.#hidden.add(path);
    // YOUR PART whiteout: Something below is to be hidden. On overlayfs the sign for
    // that is a character device 0:0 of the same name; aufs keeps the archive's own
    // form.
    this.#mark(whiteoutName(path));
  }

  #makeOpaque(folder: ByteName): void {
    const { whiteouts, userNamespace } = this.#options;
    if (folder === '' && whiteouts === 'overlay') return;
    if (this.#made.get(folder) === 'other' || this.#isBelowFile(folder)) return;
    if (!this.#made.has(folder) && folder !== '') {
      this.#uncover(folder);
      this.#made.set(folder, 'folder');
      this.#batch.folder(folder, { mode: 0o755, modified: epoch, owner: byRoot });
    }
    if (whiteouts === 'applied') return this.#empty(folder);
    const inside = folder === '' ? opaqueName : `${folder}/${opaqueName}`;
    if (whiteouts === 'aufs') return this.#mark(inside);
    this.#batch.xattr(folder, opaqueXattr(userNamespace), Buffer.from('y'));
  }

  /**
   * A file or a link has taken the place of a folder: nothing is left to be hidden.
   * umoci tells of each name that was in it, all the same.
   */
  #isBelowFile(path: ByteName): boolean {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      if (this.#made.get(path.slice(0, at)) === 'other') return true;
    }
    return false;
  }

  /** Of what is below the layer: nothing of the layer itself is in there yet. */
  #empty(folder: ByteName): void {
    this.#batch.flush();
    for (const { name } of listFolder(this.#root, folder)) {
      this.#batch.remove(folder === '' ? name : `${folder}/${name}`);
    }
  }

  #mark(path: ByteName): void {
    this.#batch.file(path, { mode: 0o444, modified: epoch }, Buffer.alloc(0));
  }

  /**
   * A name that comes after its own whiteout is not hidden: what was below it is.
   *
   * @returns whether it was hidden
   */
  #uncover(path: ByteName): boolean {
    if (this.#hidden.size === 0) return false;
    this.#uncoverAbove(path);
    if (!this.#hidden.delete(path)) return false;
    const marked = this.#options.whiteouts === 'aufs' ? whiteoutName(path) : path;
    this.#batch.remove(marked);
    return true;
  }

  #uncoverAbove(path: ByteName): void {
    if (this.#hidden.size === 0) return;
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      const above = path.slice(0, at);
      if (this.#uncover(above)) this.#makeOpaque(above);
    }
  }

  #attributes({ mode, uid, gid, modified, xattrs }: TarEntry): Attributes {
    // YOUR PART attributes: A file is more than its content. All that the archive says
    // of it belongs to it, except what `isForeign` names.
    void [uid, gid, xattrs, isForeign];
    return { mode, modified };
  }
}

/** overlayfs's own notes, and the label of another machine's policy. */
function isForeign(name: ByteName): boolean {
  return isOverlayXattr(name) || name === 'security.selinux';
}
// As made: accad4b4
