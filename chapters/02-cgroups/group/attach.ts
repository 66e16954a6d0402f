// A process enters a group: its number is written into cgroup.procs.
//
// - attachTo(host, seat, pid)
//
// cgroup.procs moves the whole process; version 1's `tasks` moves one thread. Moving
// another process makes the kernel wait until no processor can be in the middle of a
// fork (measured: 8 to 15 ms, then some tenths for each further hierarchy). A thread
// that moves itself, by writing 0 into `tasks`, or a clone3 with CLONE_INTO_CGROUP,
// waits for nothing: that is how a container enters its groups. Source: cgroups(7);
// cgroup_procs_write_start() in the kernel.

import type { Seat } from './driver.ts';
import { errnoOf, refused } from './errors.ts';
import type { Host } from '../hierarchies/host.ts';

export async function attachTo(host: Host, seat: Seat, pid: number): Promise<void> {
  const file = `${seat.directory}/cgroup.procs`;
  for (let tries = 0; ; tries++) {
    try {
      host.write(file, String(pid));
      return;
    } catch (error) {
      const errno = errnoOf(error) ?? '';
      // A process that is just being born answers EINVAL for a moment.
      if (errno !== 'EINVAL' || tries === 5) {
        throw refused(`writing the process ${pid} to ${file}`, error, hints[errno]);
      }
      await host.pause(2 ** tries);
    }
  }
}

const hints: Readonly<Record<string, string>> = {
  ESRCH: 'there is no such process, or it has ended',
  ENOENT: 'the group is gone',
  ENODEV: 'the group is gone',
  ENOSPC: 'its cpuset has no processors or no memory nodes',
  EBUSY: 'a version 2 group that hands controllers down holds no processes itself',
  EACCES: 'only who owns both groups may move a process between them',
  EPERM: 'only who owns both groups may move a process between them',
  EINVAL: 'a kernel thread, or a real-time process where no runtime is allotted',
  EOPNOTSUPP: 'the group takes threads only (cgroup.type)',
};
