// The graph drivers that this engine knows, the preferred one first.
//
// - `graphDrivers`: the registry (driver.ts)
//
// btrfs and devmapper are known by name, so that who asks for one learns what is the matter; their
// line gets a `make` when they are built.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { diskFault } from '../engine/disk-fault.ts';
import { aufsDriver, overlayDriver, vfsDriver } from '../libcontainer/layers.ts';
import type { Registry } from './driver.ts';

export const graphDrivers: Registry = [
  {
    name: 'overlay',
    also: ['overlay2', 'overlayfs'],
    make: home => overlayDriver(home),
    objection: overlayObjection,
  },
  {
    name: 'aufs',
    make: home => aufsDriver(home),
    objection: () => unlessKernelHas('aufs'),
  },
  { name: 'btrfs', make: undefined, objection: () => undefined },
  { name: 'devmapper', also: ['devicemapper'], make: undefined, objection: () => undefined },
  { name: 'vfs', make: home => vfsDriver(home), objection: () => undefined },
];

/** A module that is not loaded yet is loaded by who mounts it: the attempt is the only answer. */
function overlayObjection(home: string): string | undefined {
  const probe = mkdtempSync(`${home}/.probe-`);
  try {
    mkdirSync(`${probe}/lower`);
    const driver = overlayDriver(`${probe}/graph`);
    using _ = tryMount(driver, `${probe}/graph`);
    return undefined;
  } catch (error) {
    if (diskFault(error) !== undefined) throw error;
    const why = error instanceof Error ? error.message : String(error);
    return `the kernel makes no overlay on ${home}: ${why}`;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

function tryMount(driver: ReturnType<typeof overlayDriver>, home: string): Disposable {
  const place = `${home}/probe`;
  mkdirSync(`${place}/diff`, { recursive: true });
  mkdirSync(`${place}/work`);
  return driver.get('probe');
}

function unlessKernelHas(name: string): string | undefined {
  const list = readFileSync('/proc/filesystems', 'utf8').split(/\s+/);
  return list.includes(name) ? undefined : `the kernel does not know ${name}`;
}
