// Mounts that hang nowhere yet: made, looked at and adorned by descriptor, then handed to a child.
//
// - `openPath`, `openInRoot`: a name becomes a descriptor, once
// - `cloneMount`, `cloneTree`: a bind mount of it, private unless asked for otherwise
// - `cloneMountOf`: the same of what a path is inside a container
// - `tryLock`: a claim on an open folder that ends with its holder
// - `sealRecord`, `sealBytes`: a text, or bytes, that hang on this process
//
// Invariant: a clone is nobody's peer until the caller says so. The clone of a shared mount is
// born as one more peer, and what a container mounts in it would show on the host.
// Sources: open_tree(2), mount_setattr(2), mount_namespaces(7).

import { call, native } from './binding.ts';
import type { Propagation } from './program/program.ts';

/** A descriptor that is closed by disposing. */
export interface OpenDescriptor extends Disposable {
  readonly descriptor: number;
}

/** A mount that hangs nowhere yet; disposing is all the clean-up there is. */
export type OpenMount = OpenDescriptor;

export type MountAttribute = 'ro' | 'nosuid' | 'nodev' | 'noexec' | 'noatime';

export interface MountWish {
  /** With everything that is mounted below. */
  readonly recursive: boolean;
  readonly attributes?: readonly MountAttribute[];
  /** Default: as `recursive`. False leaves what is mounted below as it is. */
  readonly attributesRecursive?: boolean;
  readonly propagation?: Exclude<Propagation, 'unbindable'>;
  /** `private` and its kin for this mount alone; what is mounted below stays as cloned. */
  readonly propagationRecursive?: boolean;
  /** A user namespace: an owner on disk is seen as its maps say. */
  readonly owners?: number;
}

/** linux/mount.h */
const attributeBits: Readonly<Record<MountAttribute, number>> = {
  ro: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  noatime: 0x10,
};

const propagationBits = { private: 1 << 18, slave: 1 << 19, shared: 1 << 20 } as const;

/** What `path` leads to now, links followed. @throws SyscallError ENOENT */
export function openPath(path: string): OpenDescriptor {
  return held(call(() => native().openPath(path)));
}

/**
 * What `path` leads to inside the folder `root`: no link and no `..` leads out of it.
 *
 * @throws SyscallError ENOENT if it leads nowhere inside, ENOTDIR, ELOOP
 */
export function openInRoot(root: number, path: string): OpenDescriptor {
  return held(call(() => native().openInRoot(root, path)));
}

/**
 * A bind mount of what `source` has opened.
 *
 * @throws SyscallError EPERM without CAP_SYS_ADMIN; EINVAL if the source is not of this mount
 *   namespace, or its file system cannot map owners
 */
export function cloneMount(source: number, wish: MountWish): OpenMount {
  const { recursive, attributes = [], propagation = 'private', owners } = wish;
  const mount = held(call(() => native().cloneMount(source, recursive)));
  const set = bitsOf(attributes);
  const wide = wish.propagationRecursive ?? recursive;
  const deep = wish.attributesRecursive ?? recursive;
  try {
    change(mount, { set: 0, propagation: propagationBits[propagation], recursive: wide });
    if (set !== 0 || owners !== undefined) {
      const whose = owners !== undefined && { owners };
      change(mount, { set, propagation: 0, recursive: deep, ...whose });
    }
    return mount;
  } catch (error) {
    mount[Symbol.dispose]();
    throw error;
  }
}

/**
 * A bind mount of `path` that hangs nowhere, to be attached by a child (`step.attach`).
 *
 * @throws SyscallError EPERM without CAP_SYS_ADMIN, ENOENT if there is no such path
 */
export function cloneTree(path: string, recursive = true): OpenMount {
  using source = openPath(path);
  return cloneMount(source.descriptor, { recursive });
}

/**
 * A bind mount of what `path` is for the process `pid`, whose mount namespace is another: it may be
 * attached in any. No link is followed there.
 *
 * @throws SyscallError ENOENT if the process or the path is gone, ELOOP for a link, EPERM
 */
export function cloneMountOf(
  pid: number,
  path: string,
  attributes: readonly MountAttribute[] = [],
): OpenMount {
  using namespace = held(call(() => native().openReadOnly(`/proc/${pid}/ns/mnt`)));
  const mount = held(call(() => native().cloneMountOf(namespace.descriptor, path)));
  try {
    const set = bitsOf(attributes);
    change(mount, { set, propagation: propagationBits.private, recursive: false });
    return mount;
  } catch (error) {
    mount[Symbol.dispose]();
    throw error;
  }
}

/** Whether the claim on an open folder was granted; closing the descriptor gives it up. */
export function tryLock(descriptor: number, kind: 'shared' | 'exclusive'): boolean {
  return call(() => native().tryLock(descriptor, kind === 'exclusive'));
}

/** `text`, sealed, as `/memfd:name` among the descriptors of this process. */
export function sealRecord(name: string, text: string): OpenDescriptor {
  return sealBytes(name, Buffer.from(text, 'utf8'));
}

/** The same for `bytes`: whoever gets the descriptor reads what was meant, and nothing else. */
export function sealBytes(name: string, bytes: Uint8Array): OpenDescriptor {
  return held(call(() => native().sealRecord(name, bytes)));
}

function bitsOf(attributes: readonly MountAttribute[]): number {
  return attributes.reduce((bits, name) => bits | attributeBits[name], 0);
}

interface Change {
  readonly set: number;
  readonly propagation: number;
  readonly owners?: number;
  readonly recursive: boolean;
}

function change(mount: OpenMount, what: Change): void {
  call(() => native().setMount(mount.descriptor, what));
}

function held(descriptor: number): OpenDescriptor {
  return { descriptor, [Symbol.dispose]: () => native().close(descriptor) };
}
