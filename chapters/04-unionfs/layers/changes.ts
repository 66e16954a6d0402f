// What a layer changes, told as Docker tells it, and where a path comes from.
//
// - `changesOf(upper, lowers)`: `A` added, `C` changed, `D` deleted, with the path
// - `layerOf(layers, path)`: the number of the layer that a reader of the union sees
//
// Layers are folders as overlayfs has them, the highest first. Source: overlayfs.rst.

import {
  describeFolder,
  listFolder,
  type ByteName,
  type FileEntry,
} from '@slipway/native';
import { openFolder } from './diff.ts';
import { isOpaque, isWhiteout, walkUpper } from './walk.ts';

export interface Change {
  readonly kind: 'A' | 'C' | 'D';
  /** From the root of the container, with a leading `/`. */
  readonly path: ByteName;
}

/** In the order of the paths. */
export function changesOf(upper: string, lowers: readonly string[]): readonly Change[] {
  using top = openFolder(upper);
  const changes: Change[] = [];
  for (const one of walkUpper(top.descriptor)) {
    if (one.path === '') continue;
    const wasThere = layerOf(lowers, one.path) !== undefined;
    const path = `/${one.path}`;
    if (!('hidden' in one)) changes.push({ kind: wasThere ? 'C' : 'A', path });
    else if (wasThere) changes.push({ kind: 'D', path });
  }
  return changes;
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
    const found = entryIn(root.descriptor, folder, name);
    if (found === undefined) return opaque ? 'hidden' : 'not there';
    if (isWhiteout(found)) return 'hidden';
    const isLast = index === names.length - 1;
    if (!isLast && found.kind !== 'folder') return 'hidden';
    opaque ||= isOpaque(found);
    folder = folder === '' ? name : `${folder}/${name}`;
  }
  return 'there';
}

function entryIn(
  root: number,
  folder: ByteName,
  name: ByteName,
): FileEntry | undefined {
  return listFolder(root, folder).find(entry => entry.name === name);
}
