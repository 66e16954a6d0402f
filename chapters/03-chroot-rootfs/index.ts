// The public face of chapter 03: what later chapters and the engine import.

export { Beneath, HostilePath, type Ownership } from './files/beneath.ts';
export { busyboxTree } from './root/busybox-rootfs.ts';
export {
  deviceNodes,
  deviceSteps,
  standardDevices,
  type Device,
} from './root/devices.ts';
export { readElf, type Elf } from './packing/elf.ts';
export { findProgram } from './packing/find-program.ts';
export { maskedPaths, readOnlyPaths } from './root/hidden-paths.ts';
export { filesNeededBy, LibraryMissing, systemFolders } from './packing/libraries.ts';
export { packPrograms } from './packing/pack.ts';
export {
  addRootOptions,
  ownEnvironment,
  readRootOptions,
  type RootFlags,
  type RootWish,
} from './root-options.ts';
export { openRoot, type OpenRoot } from './root/root-source.ts';
export { rootProgram, withRoot, type Around, type RootOptions } from './root/rootfs.ts';
export { writeTar, writeTree, type TreeEntry } from './files/tree.ts';
export { digestTree, type TreeDigest } from './files/tree-digest.ts';
export { ArchiveRefused, unpackTar, type Unpacked } from './files/unpack.ts';
