// The public face of chapter 05: what later chapters and the engine import.

export {
  fillVolumes,
  openMounts,
  type OpenDevice,
  type OpenMounts,
  type PreparedMount,
  type Where,
} from './mounts/open-mounts.ts';
export { withVolumes } from './mounts/with-volumes.ts';
export { holdVolumes, plannedVolumes } from './runtime/hold-volumes.ts';
export {
  imageVolumes,
  plannedRequest,
  requestWithVolumes,
} from './runtime/request-with-volumes.ts';
export {
  addVolumeOptions,
  ownVolumes,
  readMountRequests,
  refuseWithoutRoot,
  type VolumeFlags,
} from './runtime/volume-options.ts';
export { recordVolumes, volumesFrom } from './runtime/volume-record.ts';
export { volumeVerb } from './runtime/volume-verb.ts';
export { VolumeError, type VolumeErrorCode } from './store/errors.ts';
export {
  VolumeStore,
  type VolumeDevice,
  type HeldVolume,
  type Volume,
} from './store/volume-store.ts';
export { arrange } from './wish/arrange.ts';
export { isVolumeName } from './wish/volume-name.ts';
export { readSpread, usualSpread } from './wish/spread.ts';
export { MisfitError } from './wish/mount-request.ts';
export { parseDashMount } from './wish/dash-mount.ts';
export { parseDashV } from './wish/dash-v.ts';
export type {
  BindRequest,
  MountRequest,
  Spread,
  TmpfsRequest,
  VolumeRequest,
} from './wish/mount-request.ts';
export { parseDashTmpfs, tmpfsOptions } from './wish/tmpfs.ts';
