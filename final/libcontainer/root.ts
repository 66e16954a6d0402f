// Chapters 01 and 03 for the engine: namespaces, and what stands in a container's root.

export { exitStatusOf, namespacesToJoin } from '@slipway/namespaces';
export {
  busyboxTree,
  deviceNodes,
  maskedPaths,
  readOnlyPaths,
  writeTree,
  type Device,
} from '@slipway/rootfs';
