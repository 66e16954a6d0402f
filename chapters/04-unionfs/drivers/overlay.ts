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
import { tryLock } from '@slipway/native';
import { applyLayer } from '../layers/apply.ts';
import { changesOf } from '../layers/changes.ts';
import { diffLayer, openFolder } from '../layers/diff.ts';
import { inUserNamespace } from '../layers/user-namespace.ts';
import { branchesOf } from './branches.ts';
import { GraphError, type GraphDriver, type OpenTree } from './driver.ts';
import { LayerFolders } from './layer-folders.ts';
import { emptyFolder, overlayOf } from './overlay-mount.ts';

export interface OverlayOptions {
  readonly userNamespace?: boolean;
}

export function overlayDriver(home: string, options: OverlayOptions = {}): GraphDriver {
  const folders = new LayerFolders(home);
  const userNamespace = options.userNamespace ?? inUserNamespace();
  const diffs = (id: string): readonly string[] =>
    folders.chain(id).map(one => folders.diff(one));
  return {
    name: 'overlay',
    exists: id => folders.exists(id),
    parentOf: id => folders.parentOf(id),
    create: (id, parent) =>
      folders.add(id, parent, place => {
        mkdirSync(`${place}/diff`, { mode: 0o755 });
        mkdirSync(`${place}/work`, { mode: 0o700 });
      }),
    applyDiff: (id, parent, source, how = {}) =>
      folders.addApplied(id, parent, folder =>
        applyLayer(source, folder, { ...how, userNamespace }),
      ),
    applied: id => folders.applied(id),
    get: id => openWritable(folders, id, userNamespace),
    getReadOnly: id => {
      const lower = [...diffs(id), emptyFolder(home)];
      const mount = overlayOf({ lower, userNamespace });
      return withFolders(mount, diffs(id), branchesOf(folders.chain(id), false));
    },
    diff: id => diffLayer({ upper: folders.diff(id) }),
    changes: id => {
      const [upper = '', ...lowers] = diffs(id);
      return changesOf(upper, lowers);
    },
    remove: id => folders.remove(id),
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
  const chain = folders.chain(id);
  const [upper = '', ...below] = chain.map(one => folders.diff(one));
  const work = `${folders.place(id)}/work`;
  const lower = below.length > 0 ? below : [emptyFolder(folders.home)];
  const claim = openFolder(folders.place(id));
  try {
    if (!tryLock(claim.descriptor, 'exclusive')) {
      throw new GraphError(`layer ${id} is in use: it can be written to by one only`);
    }
    const mount = overlayOf({ lower, writable: { upper, work }, userNamespace });
    const open = withFolders(mount, [upper, ...below], branchesOf(chain, true));
    return {
      ...open,
      [Symbol.dispose]: () => {
        open[Symbol.dispose]();
        claim[Symbol.dispose]();
      },
    };
  } catch (error) {
    claim[Symbol.dispose]();
    throw error;
  }
}

function withFolders(
  mount: Disposable & { readonly descriptor: number },
  folders: readonly string[],
  branches: readonly string[],
): OpenTree {
  const { descriptor } = mount;
  return {
    descriptor,
    folders,
    branches,
    [Symbol.dispose]: () => mount[Symbol.dispose](),
  };
}
