// Chapter 02 for the engine: a container's control groups.

export {
  ControlGroupError,
  createGroup,
  linuxControlGroups,
  openGroup,
  parseSize,
  thisMachine,
  type ControlGroups,
  type Group,
  type GroupStats,
  type Limits,
} from '@slipway/cgroups';
