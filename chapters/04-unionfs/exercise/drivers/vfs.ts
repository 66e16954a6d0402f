// Made from ../../drivers/vfs.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The vfs driver: every layer a whole tree, a copy of its parent with the changes made.
//
//     HOME/<id>/diff/       everything that a reader sees, not only what is new
//
// - `vfsDriver(home)`
//
// It needs nothing of the kernel, works on every file system, and takes as much space
// as all layers together. It is what the others are measured against: in the same
// contract suite, and on the disk.

import { mkdirSync, rmSync } from 'node:fs';
import { cloneMount, type OpenMount } from '@slipway/native';
import { applyLayer, mergeLayer } from '../layers/apply.ts';
import { changesBetween } from '../layers/changes.ts';
import { diffLayer, diffSize } from '../layers/diff.ts';
import { inheritFolders } from '../layers/unpack/inherit.ts';
import { openFolder } from '../../layers/unpack/open-folder.ts';
import { GraphError, type GraphDriver, type OpenTree } from '../../drivers/driver.ts';
import { LayerFolders } from './layer-folders.ts';

export function vfsDriver(home: string): GraphDriver {
  const folders = new LayerFolders(home);
  const before = (id: string): string => {
    const parent = folders.parentOf(id);
    return parent === undefined ? emptyFolder(home) : folders.diff(parent);
  };
  const addApplied: GraphDriver['applyDiff'] = (id, parent, source, how = {}) =>
    folders.addApplied(id, parent, how, {
      unpack: async (folder, recipe) => {
        const layer = `${folder}.layer`;
        const applied = await applyLayer(source, layer, { ...how, ...recipe });
        copyTree(folders, parent, folder);
        {
          using below = openFolder(folder);
          inheritFolders(layer, applied.untold ?? [], below.descriptor);
        }
        mergeLayer(diffLayer({ upper: layer }), folder);
        rmSync(layer, { recursive: true });
        return applied;
      },
    });
  return {
    name: 'vfs',
    exists: id => folders.exists(id),
    list: () => folders.ids(),
    parentOf: id => folders.parentOf(id),
    create: (id, parent) =>
      folders.add(id, parent, place => copyTree(folders, parent, `${place}/diff`)),
    applyDiff: addApplied,
    adopt: async (from, id, parent) => {
      const archive = folders.archive(from);
      const diffId = folders.applied(from)?.diffId;
      if (archive === undefined || diffId === undefined) {
        throw new GraphError(`layer ${from} did not come as an archive`);
      }
      await addApplied(id, parent, archive, { diffId });
      folders.remove(from);
    },
    applied: id => folders.applied(id),
    layers: (id, writable) => {
      const { branches } = folders.layers(id, writable);
      return { folders: [folders.diff(id)], branches: branches.slice(0, 1) };
    },
    get: id => {
      const claim = folders.claim(id);
      if (claim === undefined) throw new GraphError(`layer ${id} is in use`);
      return openCopy(folders, id, claim);
    },
    isHeld: id => folders.isHeld(id),
    getReadOnly: id => openCopy(folders, id),
    diff: id =>
      folders.archive(id) ?? diffLayer({ before: before(id), after: folders.diff(id) }),
    changes: id => changesBetween(before(id), folders.diff(id)),
    diffSize: id => diffSize({ before: before(id), after: folders.diff(id) }),
    remove: id => folders.remove(id),
    sweep: () => folders.sweep(),
    status: () => [
      ['Home', home],
      ['Layers', String(folders.ids().length)],
    ],
  };
}

function copyTree(folders: LayerFolders, parent: string | undefined, to: string): void {
  mkdirSync(to, { mode: 0o755 });
  if (parent !== undefined) mergeLayer(diffLayer({ tree: folders.diff(parent) }), to);
}

function openCopy(folders: LayerFolders, id: string, claim?: Disposable): OpenTree {
  const { branches } = folders.layers(id, claim !== undefined);
  const mount = mountOf(folders.diff(id), claim !== undefined);
  const close = (): void => {
    mount[Symbol.dispose]();
    claim?.[Symbol.dispose]();
  };
  return {
    descriptor: mount.descriptor,
    folders: [folders.diff(id)],
    branches: branches.slice(0, 1),
    [Symbol.dispose]: close,
  };
}

function mountOf(folder: string, writable: boolean): OpenMount {
  using source = openFolder(folder);
  const attributes = writable ? [] : (['ro'] as const);
  return cloneMount(source.descriptor, { recursive: false, attributes });
}

function emptyFolder(home: string): string {
  const folder = `${home}/.empty`;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}
// As made: b5b1d40e
