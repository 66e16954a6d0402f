// The public face of chapter 03: what later chapters and the engine import.

export { Beneath, HostilePath, type Ownership } from './beneath.ts';
export { busyboxTree } from './busybox-rootfs.ts';
export { deviceSteps, standardDevices, type Device } from './devices.ts';
export { readElf, type Elf } from './elf.ts';
export { findProgram } from './find-program.ts';
export { maskedPaths, readOnlyPaths } from './hidden-paths.ts';
export { filesNeededBy, LibraryMissing, systemFolders } from './libraries.ts';
export { packPrograms } from './pack.ts';
export {
  addRootOptions,
  ownEnvironment,
  readRootOptions,
  type RootFlags,
  type RootWish,
} from './root-options.ts';
export { openRoot, type OpenRoot } from './root-source.ts';
export { rootProgram, withRoot, type Around, type RootOptions } from './rootfs.ts';
export { writeTar, writeTree, type TreeEntry } from './tree.ts';
export { digestTree, type TreeDigest } from './tree-digest.ts';
export { ArchiveRefused, unpackTar, type Unpacked } from './unpack.ts';
