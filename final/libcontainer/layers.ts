// Images and layers, as chapter 04 makes them: what the graph needs of it.

export {
  aufsDriver,
  chainIds,
  createContainerLayers,
  digested,
  digestOf,
  GraphError,
  hexOf,
  ImageRefused,
  ImageStore,
  isDigest,
  LayerRefused,
  openContainerLayers,
  overlayDriver,
  removeContainerLayers,
  vfsDriver,
  type Applied,
  type Change,
  type ContainerTree,
  type Digest,
  type GraphDriver,
  type ImageConfig,
  type StoredImage,
} from '@slipway/unionfs';
export { packEntries } from '@slipway/unionfs/layers/pack.ts';
export { walkTree } from '@slipway/unionfs/layers/walk.ts';
