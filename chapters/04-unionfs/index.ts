// The public face of chapter 04: what later chapters and the engine import.

export { aufsDriver } from './drivers/aufs.ts';
export { GraphError, type GraphDriver, type OpenTree } from './drivers/driver.ts';
export { overlayDriver } from './drivers/overlay.ts';
export { vfsDriver } from './drivers/vfs.ts';
export { openImage, type ImageLayer, type OpenImage } from './images/open-image.ts';
export { ImageRefused, type ImageConfig, type RunConfig } from './images/schemas.ts';
export { applyLayer, type Applied, type ApplyOptions } from './layers/apply.ts';
export { changesOf, layerOf, type Change } from './layers/changes.ts';
export {
  chainIds,
  digestOf,
  hexOf,
  isDigest,
  parseDigest,
  type Digest,
} from './layers/digest.ts';
export { diffLayer, diffSize, digested, type LayerFolders } from './layers/diff.ts';
export { LayerRefused } from './layers/refused.ts';
export {
  createContainerLayers,
  openContainerLayers,
  openContainerRoot,
  removeContainerLayers,
  type ContainerRoot,
  type ContainerRootOptions,
  type ContainerTree,
} from './store/container-root.ts';
export { usualFiles, type OwnFiles } from './store/init-layer.ts';
export { openStore, storeRoot } from './store/open-store.ts';
export { ImageStore, type StoredImage } from './store/store.ts';
