// Chapter 02 for the engine: a container's control groups.

export type { Group, GroupStats } from '@slipway/cgroups';
