// The public face of native/: programs of system calls, and what runs them.
//
// - `step`, `Step`, `Namespace`: the grammar of a program
// - `spawn`, `enter`, `Child`: run one
// - `startKeeper`, `connectKeeper`: the same by a parent that outlives us
// - `explainProgram`, `checkProgram`, `recordingSpawn`: print it, check it, record it
// - `cloneMount`, `openPath` and their kin: mounts as descriptors
// - `setDeviceProgram`: which devices a group of version 2 may open
// - `SyscallError`: a refusal of the kernel, with its step and its likely cause
//
// The parts: wire/ (the grammars and the handshake, in Rust), init/ (slipway-init, the child's
// side, and the keeper), cradle/ (a birth), addon/ (the parent's side), and the TypeScript beside
// this file.

import { call, native } from './binding.ts';

export { hasDeviceProgram, setDeviceProgram } from './bpf.ts';
export { checkProgram, ProgramError } from './program/check-program.ts';
export {
  sendSignal,
  type Child,
  type ExitStatus,
  type StepTiming,
  type Terminal,
} from './process/child.ts';
export { enter, joinByPidfd, type EnterRequest, type EnterTarget } from './process/enter.ts';
export type {
  AttachedSink,
  Ending,
  Keeper,
  KeeperPlace,
  WaitingKeeper,
  KeptChild,
  KeptRequest,
  LogFile,
  OutputStream,
  Sink,
} from './keeper/keeper.ts';
export { descriptorOf, isUnread, openPair, type OpenPair } from './keeper/attached.ts';
export { connectKeeper, prepareKeeper, readExit, startKeeper } from './keeper/start.ts';
export type { Explained } from './program/explain-rights.ts';
export { explainProgram, explainStep } from './program/explain.ts';
export {
  cloneMount,
  cloneMountOf,
  cloneTree,
  openInRoot,
  openPath,
  sealBytes,
  sealRecord,
  tryLock,
  type MountAttribute,
  type MountWish,
  type OpenDescriptor,
  type OpenMount,
} from './mounts.ts';
export { collectGarbage, giveBackMemory } from './memory.ts';
export { onShortage } from './shortage.ts';
export { unpack, UnpackError } from './files/unpack.ts';
export { FileContents } from './files/contents.ts';
export { FileBatch, nodeTypes, type Attributes } from './files/batch.ts';
export { writeFiles, type FileWrite, type Written } from './files/write-files.ts';
export {
  describeFolder,
  listFolder,
  type FileEntry,
  type FileKind,
  type Time,
  type Xattrs,
} from './files/list.ts';
export {
  byteName,
  byteNameOf,
  makeFileSystem,
  makeFileSystemByText,
  nameBytes,
  openBeneath,
  shownName,
  type ByteName,
  type FileSystemOption,
} from './filesystem.ts';
export {
  capabilityNames,
  resourceNames,
  type Capability,
  type ResourceName,
} from './program/names.ts';
export {
  blockDevice,
  cloneFlags,
  namespaceKinds,
  step,
  type CapabilitySets,
  type MountFlag,
  type Namespace,
  type Propagation,
  type SeccompFlag,
  type Step,
} from './program/program.ts';
export {
  attribute,
  bindSocket,
  concatenate,
  decodeAttributes,
  encodeMessage,
  encodeTalk,
  flag,
  holdPort,
  listAttributes,
  NetlinkError,
  newNetwork,
  setInNetwork,
  numberOf,
  openNetlink,
  reservePort,
  textOf,
  type Answer,
  type Attribute,
  type Netlink,
  type NetlinkMessage,
  type NetworkNamespace,
  type OpenNetwork,
  type SocketPlace,
} from './netlink.ts';
export {
  recordingSpawn,
  type RecordingScript,
  type RecordingSpawn,
} from './program/recording-spawn.ts';
export { spawn, type Spawn, type SpawnRequest } from './process/spawn.ts';
export type { Stdio, StreamSource } from './process/stdio.ts';
export { errnoName, SyscallError, type Reason } from './syscall-error.ts';

/**
 * A pidfd of `pid`, close-on-exec, to be disposed of. @throws SyscallError ESRCH if it has ended
 */
export function openPidfd(pid: number): Disposable & { readonly descriptor: number } {
  const descriptor = call(() => native().pidfdOpen(pid));
  return { descriptor, [Symbol.dispose]: () => native().close(descriptor) };
}
