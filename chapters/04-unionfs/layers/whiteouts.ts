// How a layer says "not there": as a file in an archive, and as each union has it.
//
// - `readWhiteout(name)`: what an entry of an archive says by its name
// - `whiteoutName(name)`, `opaqueName`: the same back
// - `WhiteoutForm`: what it becomes in a layer's folder
//
//     in an archive          on overlayfs                   on aufs
//     .wh.NAME               NAME, character device 0:0     .wh.NAME, an empty file
//     .wh..wh..opq           (folder) overlay.opaque=y      .wh..wh..opq
//
// Sources: OCI image specification, layer.md; the kernel's overlayfs.rst; aufs(5).

import type { ByteName } from '@slipway/native';
import { LayerRefused } from './refused.ts';

const prefix = '.wh.';
/** aufs keeps house in files of this name: they are not the image's. */
const housekeeping = '.wh..wh.';

export const opaqueName = '.wh..wh..opq';

/**
 * `applied`: onto a tree that holds what is below; the names go. `none`: the archive
 * is no layer, and a name is a name.
 */
export type WhiteoutForm = 'overlay' | 'aufs' | 'applied' | 'none';

export type Whiteout =
  | { readonly kind: 'whiteout'; readonly path: ByteName }
  | { readonly kind: 'opaque'; readonly folder: ByteName }
  | { readonly kind: 'ignored' };

/** @throws LayerRefused for a whiteout of what is no name */
export function readWhiteout(path: ByteName): Whiteout | undefined {
  if (isHousekeeping(path)) return { kind: 'ignored' };
  if (/(^|\/)\.wh\.[^/]*\//.test(path)) {
    throw new LayerRefused('a folder in its path has the name of a whiteout', path);
  }
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  if (!name.startsWith(prefix)) return undefined;
  const folder = slash === -1 ? '' : path.slice(0, slash);
  // #hole opaque: A whole folder can be hidden, too: one name stands for everything
  // that the layers below have in it.
  if (name === opaqueName) return { kind: 'opaque', folder };
  // #instead
  // #endhole
  if (name.startsWith(housekeeping)) return { kind: 'ignored' };
  const hidden = name.slice(prefix.length);
  if (['', '.', '..'].includes(hidden)) {
    throw new LayerRefused('it is a whiteout of what is no name', path);
  }
  return { kind: 'whiteout', path: folder === '' ? hidden : `${folder}/${hidden}` };
}

/** Whether a reader of layers takes the file of this path for something else. */
export function isSign(path: ByteName): boolean {
  return path.startsWith(prefix, path.lastIndexOf('/') + 1);
}

/** Below a folder in which aufs keeps what has no name any more. */
export function isHousekeeping(path: ByteName): boolean {
  return (
    path.startsWith(`${housekeeping}plnk`) || path.startsWith(`${housekeeping}orph`)
  );
}

/** The entry of an archive that hides `path`. */
export function whiteoutName(path: ByteName): ByteName {
  const slash = path.lastIndexOf('/') + 1;
  return `${path.slice(0, slash)}${prefix}${path.slice(slash)}`;
}

/** In a user namespace the kernel keeps its own attributes under `user.`. */
export function opaqueXattr(userNamespace: boolean): ByteName {
  return `${userNamespace ? 'user' : 'trusted'}.overlay.opaque`;
}

/** What overlayfs has written down for itself: never part of a layer. */
export function isOverlayXattr(name: ByteName): boolean {
  return name.startsWith('trusted.overlay.') || name.startsWith('user.overlay.');
}
