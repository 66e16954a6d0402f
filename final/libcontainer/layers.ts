// Images and layers, as chapter 04 makes them: what the graph needs of it.

export {
  aufsDriver,
  chainIds,
  createContainerLayers,
  digestOf,
  GraphError,
  hexOf,
  ImageRefused,
  ImageStore,
  isDigest,
  LayerRefused,
  openContainerLayers,
  parseDigest,
  overlayDriver,
  removeContainerLayers,
  vfsDriver,
  type Applied,
  type ContainerTree,
  type Digest,
  type GraphDriver,
  type RunConfig,
  type StoredImage,
} from '@slipway/unionfs';
export { type Files } from '@slipway/unionfs/images/blobs.ts';
export { imagesIn, ownPlatform, type OpenImage } from '@slipway/unionfs/images/open-image.ts';
export { saveImages, type WantedImage } from '@slipway/unionfs/images/save.ts';
export {
  decompressed,
  packingOf,
  type LayerSource,
} from '@slipway/unionfs/layers/unpack/decompress.ts';
export { Budget } from '@slipway/unionfs/layers/limits.ts';
export { packEntries } from '@slipway/unionfs/layers/pack.ts';
export { walkTree } from '@slipway/unionfs/layers/walk.ts';
export { paddingOf, rootsEntry, TarRefused, type TarEntry } from '@slipway/unionfs/tar/entry.ts';
export { readHeader } from '@slipway/unionfs/tar/header.ts';
export { TarReader } from '@slipway/unionfs/tar/reader.ts';
export { extractArchive } from '@slipway/unionfs/layers/unpack/extract.ts';
export { endOfArchive, entryHeader } from '@slipway/unionfs/tar/writer.ts';
export { busyboxTree } from '@slipway/rootfs';
