// Making room in a delegated version 2 group.
//
// - moveAside(host, own): moves the processes of `own` into a group of their own below
//   it
//
// A group with processes in it may hand no controllers down. Who was given a group
// (systemd-run --user --scope -p Delegate=yes) sits in it himself, so before containers
// get groups with limits there, what is in it has to step aside. It is done on demand
// only: the processes may be somebody's shell, and one that moved stays moved.

import { errnoOf } from '../group/errors.ts';
import type { Host } from '../hierarchies/host.ts';

/** @returns the directory that now holds them */
export function moveAside(host: Host, own: string): string {
  const aside = `${own}/aside`;
  try {
    host.makeDirectory(aside);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  for (const pid of host.read(`${own}/cgroup.procs`).split('\n')) {
    if (pid === '') continue;
    try {
      host.write(`${aside}/cgroup.procs`, pid);
    } catch (error) {
      if (errnoOf(error) !== 'ESRCH') throw error; // it has ended meanwhile
    }
  }
  return aside;
}
