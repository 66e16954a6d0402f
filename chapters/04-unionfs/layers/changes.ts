// What a layer changes, told as Docker tells it, and where a path comes from.
//
// - `changesOf(upper, lowers, form)`: `A` added, `C` changed, `D` deleted, and the path
// - `changesBetween(before, after)`: of a whole tree and the one it was copied from
// - `layerOf(layers, path)`: the number of the layer that a reader of the union sees
//
// Layers are folders as overlayfs or aufs has them, the highest first. That a file lies
// in the upper layer does not mean that it was changed: it may have been copied up, or
// be a folder that leads to something. So what both have is compared. Of a folder that
// has gone, the folder alone is told. Sources: overlayfs.rst, aufs(5).

import {
  describeFolder,
  listFolder,
  type ByteName,
  type FileEntry,
} from '@slipway/native';
import { openFolder } from './unpack/open-folder.ts';
import { isEqual, isOpaque, isWhiteout, join, unlessGone } from './walk.ts';
import {
  opaqueName,
  readWhiteout,
  whiteoutName,
  type WhiteoutForm,
} from './whiteouts.ts';

export interface Change {
  readonly kind: 'A' | 'C' | 'D';
  /** From the root of the container, with a leading `/`. */
  readonly path: ByteName;
}

/** `none`: a layer is a whole tree, and what is not in it has gone. */
type LayerForm = Exclude<WhiteoutForm, 'applied'>;

/** In the order of the paths. */
export function changesOf(
  upper: string,
  lowers: readonly string[],
  form: LayerForm = 'overlay',
): readonly Change[] {
  using opened = new DisposableStack();
  const [top = -1, ...below] = [upper, ...lowers].map(
    folder => opened.use(openFolder(folder)).descriptor,
  );
  const kinds = new Map<ByteName, Change['kind']>();
  const waiting = [{ path: '', below }];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const own = readNames(top, place.path, form);
    const old = namesBelow(place.below, place.path, form);
    for (const [name, entry] of own.entries) {
      const path = join(place.path, name);
      const was = old.get(name);
      const isFolder = was?.entry.kind === 'folder' && entry.kind === 'folder';
      if (was === undefined) note(kinds, path, 'A');
      else if (was.entry.kind !== entry.kind || !isEqual(was.entry, entry)) {
        note(kinds, path, 'C');
      }
      if (entry.kind === 'folder')
        waiting.push({ path, below: isFolder ? was.roots : [] });
    }
    const gone = own.isAlone
      ? [...old.keys()]
      : own.hidden.filter(name => old.has(name));
    for (const name of gone) {
      if (!own.entries.has(name)) note(kinds, join(place.path, name), 'D');
    }
  }
  return [...kinds]
    .map(([path, kind]) => ({
      kind,
      path: `/${path}`,
      order: path.replaceAll('/', '\0'),
    }))
    .toSorted((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ kind, path }) => ({ kind, path }));
}

export function changesBetween(before: string, after: string): readonly Change[] {
  return changesOf(after, [before], 'none');
}

/** A folder in which something happened has changed, too. */
function note(
  kinds: Map<ByteName, Change['kind']>,
  path: ByteName,
  kind: Change['kind'],
): void {
  kinds.set(path, kind);
  for (let at = path.lastIndexOf('/'); at !== -1; at = path.lastIndexOf('/', at - 1)) {
    const folder = path.slice(0, at);
    if (kinds.has(folder)) return;
    kinds.set(folder, 'C');
  }
}

/** One folder of one layer, its signs read. */
interface Names {
  readonly entries: ReadonlyMap<ByteName, FileEntry>;
  readonly hidden: readonly ByteName[];
  /** The layers below this one do not show through. */
  readonly isAlone: boolean;
}

const noNames: Names = { entries: new Map(), hidden: [], isAlone: false };

function readNames(root: number, folder: ByteName, form: LayerForm): Names {
  return unlessGone(folder, () => signsRead(root, folder, form), noNames);
}

function signsRead(root: number, folder: ByteName, form: LayerForm): Names {
  const all = listFolder(root, folder);
  const entries = new Map(all.map(entry => [entry.name, entry]));
  if (form === 'none') return { entries, hidden: [], isAlone: true };
  const hidden: ByteName[] = [];
  let isAlone = form === 'overlay' && isOpaque(describeFolder(root, folder));
  for (const entry of all) {
    const sign = form === 'aufs' ? readWhiteout(entry.name) : undefined;
    if (sign?.kind === 'opaque') isAlone = true;
    if (sign?.kind === 'whiteout') hidden.push(sign.path);
    const isSign = form === 'overlay' && isWhiteout(entry);
    if (isSign) hidden.push(entry.name);
    if (isSign || sign !== undefined) entries.delete(entry.name);
  }
  return { entries, hidden, isAlone };
}

interface Seen {
  readonly entry: FileEntry;
  /** Of a folder: the layers that it is made of. */
  readonly roots: number[];
}

/** What a reader of these layers sees in the folder, which is one in each of them. */
function namesBelow(
  roots: readonly number[],
  folder: ByteName,
  form: LayerForm,
): ReadonlyMap<ByteName, Seen> {
  const seen = new Map<ByteName, Seen>();
  const closed = new Set<ByteName>();
  for (const root of roots) {
    const { entries, hidden, isAlone } = readNames(root, folder, form);
    for (const [name, entry] of entries) {
      if (closed.has(name)) continue;
      const known = seen.get(name);
      if (entry.kind !== 'folder') closed.add(name);
      if (known === undefined) seen.set(name, { entry, roots: [root] });
      else if (entry.kind === 'folder') known.roots.push(root);
    }
    for (const name of hidden) closed.add(name);
    if (isAlone) break;
  }
  return seen;
}

/** Undefined if a reader of the union sees nothing there. */
export function layerOf(layers: readonly string[], path: ByteName): number | undefined {
  const names = path.split('/').filter(name => name !== '');
  for (const [number, layer] of layers.entries()) {
    const found = lookInto(layer, names);
    if (found === 'there') return number;
    if (found === 'hidden') return undefined;
  }
  return undefined;
}

/** `hidden`: the layers below this one do not matter. */
function lookInto(
  layer: string,
  names: readonly ByteName[],
): 'there' | 'hidden' | 'not there' {
  using root = openFolder(layer);
  let opaque = names.length > 0 && isOpaque(describeFolder(root.descriptor, ''));
  let folder = '';
  for (const [index, name] of names.entries()) {
    const entries = listFolder(root.descriptor, folder);
    opaque ||= entries.some(entry => entry.name === opaqueName);
    const found = entries.find(entry => entry.name === name);
    const hidden = entries.some(entry => entry.name === whiteoutName(name));
    if (hidden || (found && isWhiteout(found))) return 'hidden';
    if (found === undefined) return opaque ? 'hidden' : 'not there';
    const isLast = index === names.length - 1;
    if (!isLast && found.kind !== 'folder') return 'hidden';
    opaque ||= isOpaque(found);
    folder = folder === '' ? name : `${folder}/${name}`;
  }
  return 'there';
}
