// The public face of chapter 01: what later chapters and the engine import.

export { containerRequest, type ContainerOptions } from './container.ts';
export {
  enterContainer,
  insideProgram,
  namespacesToJoin,
  type EnterOptions,
} from './enter.ts';
export { exitStatusOf, exitStatusOfFailure } from './exit-status.ts';
export { foregroundStdio, runForeground, type Foreground } from './foreground.ts';
export { formatMaps, parseIdMap, rootAs, writeIdMaps, type IdMaps } from './id-map.ts';
export {
  differing,
  kinds,
  linkName,
  readNamespaces,
  type Views,
} from './namespaces.ts';
export {
  addNamespaceOptions,
  ownSurroundings,
  readContainerOptions,
  UsageError,
  type NamespaceFlags,
} from './options.ts';
export { attachTerminal, ownSize } from './terminal.ts';
