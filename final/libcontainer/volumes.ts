// Chapter 05 for the engine: volumes, and mounts that are prepared outside.
//
// Only what is passed on: the mechanisms are explained where they live.

export {
  arrange,
  fillVolumes,
  isVolumeName,
  MisfitError,
  openMounts,
  readSpread,
  tmpfsOptions,
  usualSpread,
  VolumeError,
  VolumeStore,
  type MountRequest,
  type OpenDevice,
  type OpenMounts,
  type PreparedMount,
  type Volume,
  type VolumeDevice,
  type VolumeRequest,
  type Where,
} from '@slipway/volumes';
