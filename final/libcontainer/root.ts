// Chapters 01 and 03 for the engine: namespaces, and what stands in a container's root.

export { exitStatusOf, namespacesToJoin } from '@slipway/namespaces';
export { deviceNodes, maskedPaths, readOnlyPaths, type Device } from '@slipway/rootfs';
