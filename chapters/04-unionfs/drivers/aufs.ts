// The aufs driver: Docker's first one. Only some kernels have aufs: Ubuntu's up to 5.4.
//
//     HOME/<id>/diff/       the layer's files, whiteouts in aufs's own form (.wh.NAME)
//
// - `aufsDriver(home)`
// - `aufsBranches(upper)`: what the kernel says about the mount whose rw branch it is
//
// Options as Docker gave them: every lower branch `ro+wh` (a whiteout in it counts),
// `dio` (direct I/O is passed on), `dirperm1` (a folder's mode is that of the highest
// branch), `xino` (inode numbers are kept in a file on a tmpfs). Sources: aufs(5),
// and the recordings in experiments/recorded-aufs.ts.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { makeFileSystemByText, type OpenMount } from '@slipway/native';
import { applyLayer } from '../layers/apply.ts';
import { changesOf } from '../layers/changes.ts';
import { diffLayer, diffSize } from '../layers/diff.ts';
import { GraphError, type GraphDriver, type OpenTree } from './driver.ts';
import { LayerFolders } from './layer-folders.ts';

export function aufsDriver(home: string): GraphDriver {
  const folders = new LayerFolders(home);
  return {
    name: 'aufs',
    exists: id => folders.exists(id),
    list: () => folders.ids(),
    parentOf: id => folders.parentOf(id),
    create: (id, parent) =>
      folders.add(id, parent, place => mkdirSync(`${place}/diff`, { mode: 0o755 })),
    applyDiff: (id, parent, source, how = {}) =>
      folders.addApplied(id, parent, how, {
        below: one => open(folders, one),
        unpack: (folder, recipe) =>
          applyLayer(source, folder, { ...how, ...recipe, whiteouts: 'aufs' }),
      }),
    adopt: async (from, id, parent) =>
      folders.adopt(from, id, parent, one => open(folders, one)),
    applied: id => folders.applied(id),
    layers: (id, writable) => folders.layers(id, writable),
    get: id => {
      const claim = folders.claim(id);
      if (claim === undefined) throw new GraphError(`layer ${id} is in use`);
      return open(folders, id, claim);
    },
    isHeld: id => folders.isHeld(id),
    getReadOnly: id => open(folders, id),
    diff: id => folders.archive(id) ?? diffLayer({ aufsUpper: folders.diff(id) }),
    changes: id => {
      const [upper = '', ...lowers] = folders.layers(id, true).folders;
      return changesOf(upper, lowers, 'aufs');
    },
    diffSize: id => diffSize({ aufsUpper: folders.diff(id) }),
    remove: id => folders.remove(id),
    sweep: () => folders.sweep(),
    status: () => [
      ['Home', home],
      ['Layers', String(folders.ids().length)],
      ['Mounts', String(mountIds().length)],
    ],
  };
}

function open(folders: LayerFolders, id: string, claim?: Disposable): OpenTree {
  const layers = folders.layers(id, claim !== undefined);
  let mount: OpenMount;
  try {
    const texts = optionsFor(layers.folders, claim !== undefined);
    mount = makeFileSystemByText('aufs', layers.folders[0] ?? '', texts);
  } catch (error) {
    claim?.[Symbol.dispose]();
    throw error;
  }
  const close = (): void => {
    mount[Symbol.dispose]();
    claim?.[Symbol.dispose]();
  };
  // What the kernel says of them, where it says it.
  const branches = aufsBranches(layers.folders[0] ?? '') ?? layers.branches;
  return { descriptor: mount.descriptor, ...layers, branches, [Symbol.dispose]: close };
}

/** A page holds one text, so the lowest of many branches come in a second turn. */
const mostBytes = 4000;

function optionsFor(folders: readonly string[], writable: boolean): readonly string[] {
  const [first = '', ...rest] = folders;
  const branch = `br=${first}=${writable ? 'rw' : 'ro+wh'}`;
  const texts = [`${branch},dio,dirperm1,xino=/dev/shm/aufs.xino`];
  for (const folder of rest) {
    const more = `append=${folder}=ro+wh`;
    const text = `${texts.at(-1)},${more}`;
    if (Buffer.byteLength(text) > mostBytes) texts.push(more);
    else texts[texts.length - 1] = text;
  }
  return texts;
}

const sysfs = '/sys/fs/aufs';

function mountIds(folder = sysfs): readonly string[] {
  try {
    return readdirSync(folder).filter(name => name.startsWith('si_'));
  } catch {
    return [];
  }
}

/** `cat /sys/fs/aufs/si_…/br[0-9]*`, for the mount whose writable branch is `upper`. */
function aufsBranches(upper: string, folder = sysfs): readonly string[] | undefined {
  for (const id of mountIds(folder)) {
    const place = `${folder}/${id}`;
    const branches = readdirSync(place)
      .filter(name => /^br\d+$/.test(name))
      .toSorted((a, b) => Number(a.slice(2)) - Number(b.slice(2)))
      .map(name => readFileSync(`${place}/${name}`, 'utf8').trim());
    if (branches[0] === `${upper}=rw`) return branches;
  }
  return undefined;
}
