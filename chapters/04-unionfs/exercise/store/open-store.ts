// Made from ../../store/open-store.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The store of a folder, with the graph driver that this machine has.
//
// - `openStore(root, driver?)`
// - `chooseDriver(home, name?)`: by name, or the first of aufs, overlay, vfs that works
// - `storeRoot(env)`: where it is unless somebody says otherwise
//
// A folder that was filled by one driver stays with it. Docker's order of preference
// was the same: aufs first, a plain copy last.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { GraphError, type GraphDriver } from '../../drivers/driver.ts';
import { aufsDriver } from '../drivers/aufs.ts';
import { overlayDriver } from '../drivers/overlay.ts';
import { vfsDriver } from '../drivers/vfs.ts';
import { ImageStore } from './store.ts';

const makers: Readonly<Record<string, (home: string) => GraphDriver>> = {
  aufs: home => aufsDriver(home),
  overlay: home => overlayDriver(home),
  vfs: home => vfsDriver(home),
};

/** @throws GraphError for a driver that is not known, or cannot work here */
export function openStore(root: string, driver?: string): ImageStore {
  mkdirSync(root, { recursive: true, mode: 0o711 });
  const file = `${root}/driver`;
  const before = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  const wanted = driver ?? process.env['SLIPWAY_DRIVER'];
  if (before !== undefined && wanted !== undefined && wanted !== before) {
    throw new GraphError(`${root} was made by the driver ${before}, not by ${wanted}`);
  }
  const chosen = chooseDriver(root, wanted ?? before);
  if (before === undefined) writeFileSync(file, `${chosen.name}\n`);
  return new ImageStore(root, chosen);
}

function chooseDriver(root: string, name?: string): GraphDriver {
  const wanted = name ?? preferred();
  const make = makers[wanted];
  if (make !== undefined) return make(`${root}/${wanted}`);
  const known = Object.keys(makers).join(', ');
  throw new GraphError(`no graph driver ${wanted}: there are ${known}`);
}

/** What the kernel knows. A module that is not loaded is not known. */
function preferred(): string {
  const known = readFileSync('/proc/filesystems', 'utf8').split(/\s+/);
  return ['aufs', 'overlay'].find(name => known.includes(name)) ?? 'vfs';
}

export function storeRoot(env: NodeJS.ProcessEnv = process.env): string {
  const state = env['SLIPWAY_STATE'] ?? `/var/tmp/slipway-${process.getuid?.() ?? 0}`;
  return `${state}/images`;
}
// As made: 1e21e80e
