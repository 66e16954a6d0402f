// What a container uses, whoever counts it.
//
// - `ContainerStats`: of its control groups; Docker's shape is made by who answers the API

export type { GroupStats as ContainerStats } from '../libcontainer/groups.ts';
