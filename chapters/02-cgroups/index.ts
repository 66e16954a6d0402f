// The public face of chapter 02: what later chapters and the engine import.

export { createGroup, openGroup } from './group/control-groups.ts';
export {
  controlGroupsOn,
  linuxControlGroups,
  type ControlGroups,
  type GroupRequest,
} from './group/machine.ts';
export {
  about,
  controllers,
  twin,
  type Controller,
} from './hierarchies/controllers.ts';
export { sharesOfWeight, weightOfShares } from './v2/conversions.ts';
export { formatCpuList, parseCpuList } from './hierarchies/cpu-list.ts';
export { ControlGroupError, type ControlGroupErrorCode } from './group/errors.ts';
export type { Group } from './group/group.ts';
export {
  findHierarchies,
  readHierarchies,
  type Found,
  type Hierarchies,
  type Hierarchy,
} from './hierarchies/hierarchies.ts';
export { linuxHost, type Host } from './hierarchies/host.ts';
export {
  deviceMappings,
  limitsFrom,
  type LimitFlags,
} from './options/limit-options.ts';
export { controllerOf, unlimited, type Limits } from './limits/limits.ts';
export { readMachine, type Machine } from './options/machine.ts';
export { moveAside } from './v2/move-aside.ts';
export { procView, type HostTexts, type Inside } from './proc-view/proc-view.ts';
export { nextLoad, tasksIn } from './proc-view/load.ts';
export { moreAllowed } from './proc-view/time.ts';
export {
  addContainerOptions,
  addLimitOptions,
  readWish,
  type ContainerFlags,
  type Wish,
} from './runtime/options.ts';
export { explainLimited, runLimited, thisMachine } from './container/run-limited.ts';
export { explainSettings, type Setting } from './limits/setting.ts';
export { parseSize } from './options/size.ts';
export type { GroupEvents, GroupStats } from './group/stats.ts';
