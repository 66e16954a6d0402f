/**
 * What can stand in the ledger: the kinds of things we make on a host, and how each is named.
 *
 * - Thing              kind + target, and what else its undoing must know
 * - mountThing(path), netnsThing(name), sysctlThing(name)    with what was there before
 * - describe(thing)    as a person reads it: `mount /tmp/x`
 * - refusal(thing)     why it must not be recorded, or undefined
 *
 * Invariant: what is recorded is ours to undo. So a target that already exists is refused (a mount
 * and a sysctl instead remember what was there before), and a path is absolute, plain and never a
 * root.
 */
import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readMountinfo } from '../proc/mountinfo.ts';

export type Thing =
  /** Undone with everything inside. */
  | { readonly kind: 'directory'; readonly target: string }
  | { readonly kind: 'file'; readonly target: string }
  /** `depth`: how many mounts were stacked on the target before ours; see mountThing(). */
  | { readonly kind: 'mount'; readonly target: string; readonly depth: number }
  /** The group's folder in the mounted hierarchy; undone with the processes in it. */
  | { readonly kind: 'cgroup'; readonly target: string }
  | { readonly kind: 'link'; readonly target: string }
  /** A name below /run/netns; `first`: ip(8) had not made that folder a mount; netnsThing(). */
  | { readonly kind: 'netns'; readonly target: string; readonly first?: boolean }
  /** `family name`, as nft writes it: `inet slipway`. */
  | { readonly kind: 'nft-table'; readonly target: string }
  /** The target is a pid. */
  | { readonly kind: 'process'; readonly target: string; readonly started: number }
  /** NAME=VALUE: every process that has this in its environment, made or to be made. */
  | { readonly kind: 'marked-processes'; readonly target: string }
  /** The backing file of a loop device. */
  | { readonly kind: 'loop'; readonly target: string }
  /** A dotted name; `previous`: the value to write back. */
  | { readonly kind: 'sysctl'; readonly target: string; readonly previous: string };

/** `absent`: there was nothing to undo. */
export type Undone = 'done' | 'absent';

export function describe(thing: Thing): string {
  switch (thing.kind) {
    case 'sysctl':
      return `sysctl ${thing.target} (was ${thing.previous})`;
    case 'marked-processes':
      return `processes with ${thing.target}`;
    default:
      return `${thing.kind} ${thing.target}`;
  }
}

/** A mount that is about to be made on `target`. */
export function mountThing(target: string): Thing {
  return { kind: 'mount', target, depth: mountDepth(target) };
}

/** A network namespace that is about to be named, as `ip netns add` does it. */
export function netnsThing(target: string): Thing {
  return { kind: 'netns', target, first: mountDepth('/run/netns') === 0 };
}

/** A setting that is about to be changed. */
export function sysctlThing(target: string): Thing {
  const file = `/proc/sys/${target.replaceAll('.', '/')}`;
  return { kind: 'sysctl', target, previous: readFileSync(file, 'utf8').trim() };
}

export function mountDepth(target: string): number {
  return readMountinfo().filter(mount => mount.mountPoint === target).length;
}

export function refusal(thing: Thing): string | undefined {
  switch (thing.kind) {
    case 'directory':
    case 'file':
    case 'cgroup':
      return pathRefusal(thing.target) ?? existsAlready(thing.target);
    case 'mount':
    case 'loop':
      return pathRefusal(thing.target);
    case 'link':
      return nameRefusal(thing.target) ?? existsAlready(`/sys/class/net/${thing.target}`);
    case 'netns':
      return nameRefusal(thing.target) ?? existsAlready(`/run/netns/${thing.target}`);
    case 'nft-table':
      return /^(inet|ip|ip6|arp|bridge|netdev) [\w.-]+$/.test(thing.target)
        ? undefined
        : 'a table is named by family and name, as in "inet slipway"';
    case 'process':
      return /^\d+$/.test(thing.target) && Number(thing.target) > 1 ? undefined : 'not a pid';
    case 'marked-processes':
      return /^SLIPWAY_\w+=.+$/.test(thing.target)
        ? undefined
        : 'only a mark of ours can name ours';
    case 'sysctl':
      return /^[\w-]+(\.[\w-]+)+$/.test(thing.target) ? undefined : 'not a dotted sysctl name';
  }
}

/** An undo acts on exactly this path, as root, so nothing in it may be open to interpretation. */
export function pathRefusal(target: string): string | undefined {
  if (!target.startsWith('/') || resolve(target) !== target) return 'not an absolute, plain path';
  if (target.split('/').length < 3) return 'too near to the root of the tree';
  const parent = dirname(target);
  return (realPath(parent) ?? parent) === parent
    ? undefined
    : `${parent} leads through a symbolic link: record the real path`;
}

/** Undefined where nothing is there, also where somebody removes it while we look. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function nameRefusal(name: string): string | undefined {
  return /^[\w][\w.-]*$/.test(name) ? undefined : 'not a plain name';
}

function existsAlready(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false }) === undefined
    ? undefined
    : 'it exists already, so it is not ours to undo (npm run clean: if a killed run left it)';
}
