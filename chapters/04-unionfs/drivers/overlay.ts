// The overlay driver: every layer a folder, and the kernel lays them over each other.
//
//     HOME/<id>/diff/       the layer's files, whiteouts in overlayfs's own form
//     HOME/<id>/work/       only of a layer that is written to: the kernel's scratch
//
// - `overlayDriver(home, options?)`
//
// The writable folder of one overlay is never the writable folder of another: the
// kernel would allow it and call the result undefined. So who gets it claims it, by a
// lock that ends with its holder, however that one ends. Source: overlayfs.rst.

import { mkdirSync } from 'node:fs';
import type { OpenMount } from '@slipway/native';
import { applyLayer } from '../layers/apply.ts';
import { changesOf } from '../layers/changes.ts';
import { diffLayer, diffSize } from '../layers/diff.ts';
import { inUserNamespace } from '../layers/unpack/user-namespace.ts';
import { GraphError, type GraphDriver, type Layers, type OpenTree } from './driver.ts';
import { LayerFolders } from './layer-folders.ts';
import { emptyFolder, overlayOf } from './overlay-mount.ts';

export interface OverlayOptions {
  readonly userNamespace?: boolean;
}

export function overlayDriver(home: string, options: OverlayOptions = {}): GraphDriver {
  const folders = new LayerFolders(home);
  const userNamespace = options.userNamespace ?? inUserNamespace();
  const readOnly = (id: string): OpenTree => {
    const layers = folders.layers(id, false);
    const lower = [...layers.folders, emptyFolder(home)];
    return openTree(overlayOf({ lower, userNamespace }), layers);
  };
  return {
    name: 'overlay',
    exists: id => folders.exists(id),
    list: () => folders.ids(),
    parentOf: id => folders.parentOf(id),
    create: (id, parent) =>
      folders.add(id, parent, place => {
        mkdirSync(`${place}/diff`, { mode: 0o755 });
        mkdirSync(`${place}/work`, { mode: 0o700 });
      }),
    applyDiff: (id, parent, source, how = {}) =>
      folders.addApplied(id, parent, how, {
        below: readOnly,
        unpack: (folder, recipe) =>
          applyLayer(source, folder, { ...how, ...recipe, userNamespace }),
      }),
    layers: (id, writable) => folders.layers(id, writable),
    adopt: async (from, id, parent) => folders.adopt(from, id, parent, readOnly),
    applied: id => folders.applied(id),
    get: id => openWritable(folders, id, userNamespace),
    isHeld: id => folders.isHeld(id),
    getReadOnly: readOnly,
    diff: id => folders.archive(id) ?? diffLayer({ upper: folders.diff(id) }),
    changes: id => {
      const [upper = '', ...lowers] = folders.layers(id, true).folders;
      return changesOf(upper, lowers);
    },
    diffSize: id => diffSize({ upper: folders.diff(id) }),
    remove: id => folders.remove(id),
    sweep: () => folders.sweep(),
    status: () => [
      ['Home', home],
      ['Layers', String(folders.ids().length)],
      ['User namespace', String(userNamespace)],
    ],
  };
}

function openWritable(
  folders: LayerFolders,
  id: string,
  userNamespace: boolean,
): OpenTree {
  const layers = folders.layers(id, true);
  const [upper = '', ...below] = layers.folders;
  const work = `${folders.place(id)}/work`;
  const lower = below.length > 0 ? below : [emptyFolder(folders.home)];
  const claim = folders.claim(id);
  if (claim === undefined) {
    throw new GraphError(`layer ${id} is in use: it can be written to by one only`);
  }
  try {
    const mount = overlayOf({ lower, writable: { upper, work }, userNamespace });
    return openTree(mount, layers, claim);
  } catch (error) {
    claim[Symbol.dispose]();
    throw error;
  }
}

function openTree(mount: OpenMount, layers: Layers, claim?: Disposable): OpenTree {
  const close = (): void => {
    mount[Symbol.dispose]();
    claim?.[Symbol.dispose]();
  };
  return { descriptor: mount.descriptor, ...layers, [Symbol.dispose]: close };
}
