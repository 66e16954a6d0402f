// The public face of chapter 02: what later chapters and the engine import.

export {
  controlGroupsOn,
  createGroup,
  linuxControlGroups,
  openGroup,
  type ControlGroups,
  type GroupRequest,
} from './control-groups.ts';
export { about, controllers, twin, type Controller } from './controllers.ts';
export { sharesOfWeight, weightOfShares } from './conversions.ts';
export { formatCpuList, parseCpuList } from './cpu-list.ts';
export { ControlGroupError, type ControlGroupErrorCode } from './errors.ts';
export type { Group } from './group.ts';
export {
  findHierarchies,
  readHierarchies,
  type Found,
  type Hierarchies,
  type Hierarchy,
} from './hierarchies.ts';
export { linuxHost, type Host } from './host.ts';
export { deviceMappings, limitsFrom, type LimitFlags } from './limit-options.ts';
export { controllerOf, unlimited, type Limits } from './limits.ts';
export { readMachine, type Machine } from './machine.ts';
export { moveAside } from './move-aside.ts';
export { procView, type HostTexts, type Inside } from './proc-view.ts';
export { nextLoad, tasksIn } from './proc-view/load.ts';
export { moreAllowed } from './proc-view/time.ts';
export {
  addContainerOptions,
  addLimitOptions,
  readWish,
  type ContainerFlags,
  type Wish,
} from './runtime/options.ts';
export { explainLimited, runLimited, thisMachine } from './runtime/run-limited.ts';
export { explainSettings, type Setting } from './setting.ts';
export { parseSize } from './size.ts';
export type { GroupEvents, GroupStats } from './stats.ts';
