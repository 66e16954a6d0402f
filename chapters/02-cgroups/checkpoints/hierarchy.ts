// Where a controller is on this machine, for checkpoints that look from outside.
//
// - `controllerOf(name)`: its world, its mount point, and the group in /proc/PID/cgroup
// - `linuxHierarchies()`: all that are mounted

import {
  hierarchies,
  type CgroupWorld,
  type Hierarchy,
} from '@slipway/lab/requires/cgroups.ts';

export interface Whereabouts {
  readonly world: CgroupWorld;
  readonly mountPoint: string;
  /** A command for sed that prints the path in /proc/PID/cgroup. */
  readonly pattern: string;
  readonly pathIn: (cgroup: string) => string;
}

export function linuxHierarchies(): readonly Hierarchy[] {
  return hierarchies();
}

/** @throws Error if no hierarchy has it: the checkpoint needs it, and was not to run */
export function controllerOf(name: string): Whereabouts {
  const all = hierarchies();
  const version1 = all.find(
    one => one.world === 'v1' && one.controllers.includes(name),
  );
  const found = version1 ?? all.find(({ world }) => world === 'v2');
  if (found === undefined) throw new Error(`no hierarchy has ${name}`);
  const { world, mountPoint } = found;
  const line = world === 'v2' ? '^0::' : `^[0-9]*:\\([^:]*,\\)*${name}\\(,[^:]*\\)*:`;
  return {
    world,
    mountPoint,
    pattern: `s/${line}//p`,
    pathIn: cgroup => {
      const wanted = cgroup.split('\n').find(row => {
        const names = /^\d+:([^:]*):/.exec(row)?.[1];
        return world === 'v2' ? names === '' : names?.split(',').includes(name);
      });
      return wanted?.replace(/^\d+:[^:]*:/, '') ?? '';
    },
  };
}
