// Graph drivers: how layers lie on this machine's disk, and which of them is taken.
//
// - `GraphDriver`: the interface; its contract is chapter 04's suite (contract.test.ts beside it)
// - `Registry`: names and makers; one line for each driver (drivers.ts)
// - `chooseDriver(registry, { home, name, env })`: by name, or by priority
//
//     --storage-driver, SLIPWAY_DRIVER, DOCKER_DRIVER     in this order, if one is said
//     what the data root was made with                    a store does not change its form
//     priority, the first that works there                overlay before aufs before a plain copy
//
// A driver is asked whether it works *there*: what the kernel knows is not yet what the file system
// below the data root can do. Source: Docker 1.0, daemon/graphdriver.

import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { diskFault } from '../engine/disk-fault.ts';
import { invalid } from '../engine/refusal.ts';
import type { GraphDriver } from '../libcontainer/layers.ts';

export type { GraphDriver } from '../libcontainer/layers.ts';

export interface DriverKind {
  readonly name: string;
  /** What else operators call it. */
  readonly also?: readonly string[];
  /** Undefined if it works in the folder `home`; else why not. @throws if the disk has no room */
  readonly objection: (home: string) => string | undefined;
  /** Undefined while there is none in this build. */
  readonly make: ((home: string) => GraphDriver) | undefined;
}

/** The first is preferred. */
export type Registry = readonly DriverKind[];

export interface DriverWish {
  /** The folder of the graph; the driver's own is below it. */
  readonly root: string;
  readonly name?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

/** @throws Refusal INVALID for a driver that is unknown, does not work, or is not the store's */
export function chooseDriver(registry: Registry, wish: DriverWish): GraphDriver {
  const { root, env = process.env } = wish;
  mkdirSync(root, { recursive: true, mode: 0o711 });
  const asked = wish.name || env['SLIPWAY_DRIVER'] || env['DOCKER_DRIVER'] || undefined;
  const wanted = asked === undefined ? undefined : known(registry, asked);
  const before = driverOf(registry, root);
  if (before !== undefined && wanted !== undefined && wanted.name !== before) {
    const remedy = 'choose that one, or another data root';
    throw invalid(`${root} was made with the storage driver ${before}: ${remedy}`);
  }
  const kind =
    wanted ?? (before === undefined ? preferred(registry, root) : known(registry, before));
  const home = `${root}/${kind.name}`;
  mkdirSync(home, { recursive: true, mode: 0o711 });
  const objection = objectionOf(kind, home, before !== undefined);
  if (objection !== undefined || kind.make === undefined) {
    throw invalid(`storage driver ${kind.name} does not work here: ${objection ?? missing}`);
  }
  const driver = kind.make(home);
  if (noted(root) !== kind.name) note(root, kind.name);
  return driver;
}

/** A disk that is full has no room for a trial; what lies there already says that it works. */
function objectionOf(kind: DriverKind, home: string, isInUse: boolean): string | undefined {
  try {
    return kind.objection(home);
  } catch (error) {
    if (isInUse && diskFault(error) !== undefined) return undefined;
    throw error;
  }
}

const missing = 'it is not built into this engine';

function known(registry: Registry, name: string): DriverKind {
  const found = registry.find(kind => kind.name === name || kind.also?.includes(name));
  if (found !== undefined) return found;
  const names = registry.filter(({ make }) => make !== undefined).map(kind => kind.name);
  throw invalid(`unknown storage driver ${JSON.stringify(name)}: there are ${names.join(', ')}`);
}

/** Where the note cannot be read the layers say it themselves. */
function driverOf(registry: Registry, root: string): string | undefined {
  const text = noted(root);
  const names = registry.map(({ name }) => name);
  if (text !== undefined && names.includes(text)) return text;
  return names.find(name => hasLayers(`${root}/${name}`));
}

function hasLayers(home: string): boolean {
  return existsSync(home) && readdirSync(home).some(name => !name.startsWith('.'));
}

function noted(root: string): string | undefined {
  const file = `${root}/driver`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function note(root: string, name: string): void {
  writeFileSync(`${root}/driver.new`, `${name}\n`, { mode: 0o600 });
  renameSync(`${root}/driver.new`, `${root}/driver`);
}

function preferred(registry: Registry, root: string): DriverKind {
  const reasons: string[] = [];
  for (const kind of registry) {
    const objection = kind.make === undefined ? missing : kind.objection(root);
    if (objection === undefined) return kind;
    reasons.push(`${kind.name}: ${objection}`);
  }
  throw invalid(`no storage driver works in ${root}: ${reasons.join('; ')}`);
}
