// Made from ../../layers/changes.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// What a layer changes, told as Docker tells it, and where a path comes from.
//
// - `changesOf(upper, lowers)`: `A` added, `C` changed, `D` deleted, with the path
// - `layerOf(layers, path)`: the number of the layer that a reader of the union sees
//
// Layers are folders as overlayfs or aufs has them, the highest first. Sources:
// overlayfs.rst, aufs(5).

import { describeFolder, listFolder, type ByteName } from '@slipway/native';
import { openFolder } from '../../layers/open-folder.ts';
import type { Walked } from './pack.ts';
import { isOpaque, isWhiteout, walkDifference, walkUpper } from './walk.ts';
import { opaqueName, whiteoutName } from './whiteouts.ts';

export interface Change {
  readonly kind: 'A' | 'C' | 'D';
  /** From the root of the container, with a leading `/`. */
  readonly path: ByteName;
}

/** Of a layer in overlayfs's form, or in aufs's; in the order of the paths. */
export function changesOf(
  upper: string,
  lowers: readonly string[],
  walk: (root: number) => Iterable<Walked> = walkUpper,
): readonly Change[] {
  using top = openFolder(upper);
  const changes: Change[] = [];
  for (const one of walk(top.descriptor)) {
    if (one.path === '') continue;
    const wasThere = layerOf(lowers, one.path) !== undefined;
    const path = `/${one.path}`;
    if (!('hidden' in one)) changes.push({ kind: wasThere ? 'C' : 'A', path });
    else if (wasThere) changes.push({ kind: 'D', path });
  }
  return changes;
}

/** Of a whole tree, against the tree that it was a copy of. */
export function changesBetween(before: string, after: string): readonly Change[] {
  using root = openFolder(before);
  const walk = (own: number): Iterable<Walked> => walkDifference(root.descriptor, own);
  return changesOf(after, [before], walk);
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
// As made: 7a2499cb
