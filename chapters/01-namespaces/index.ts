// The public face of chapter 01: what later chapters and the engine import.

export { containerRequest, type ContainerOptions } from './container/container.ts';
export {
  enterContainer,
  insideProgram,
  namespacesToJoin,
  type EnterOptions,
} from './container/enter.ts';
export { exitStatusOf, exitStatusOfFailure } from './runtime/exit-status.ts';
export {
  foregroundStdio,
  runForeground,
  type Foreground,
} from './runtime/foreground.ts';
export {
  formatMaps,
  parseIdMap,
  rootAs,
  writeIdMaps,
  type IdMaps,
} from './container/id-map.ts';
export {
  differing,
  kinds,
  linkName,
  readNamespaces,
  type Views,
} from './container/namespaces.ts';
export { terminalGroup } from './container/terminal-group.ts';
export {
  addNamespaceOptions,
  ownSurroundings,
  readContainerOptions,
  UsageError,
  type NamespaceFlags,
} from './runtime/options.ts';
export { attachTerminal, ownSize } from './runtime/terminal.ts';
