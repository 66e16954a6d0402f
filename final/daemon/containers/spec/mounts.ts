// The file systems that every container has: /proc, /dev, /sys and what is in them.
//
// - `specMounts(hostConfig)`: in the order in which they are mounted
//
// Volumes, the engine's own files and another container's /dev/shm are no part of this: they are
// prepared as descriptors.
// Source: OCI runtime specification, "Default Filesystems"; dockerd's own list.

import type { SpecMount } from '../../../libcontainer/spec.ts';
import { sharedWith } from '../create/verify-modes.ts';
import type { HostConfig } from '../record/host-config.ts';

const plain = ['nosuid', 'noexec', 'nodev'];

export function specMounts(hostConfig: HostConfig): readonly SpecMount[] {
  const { Privileged, IpcMode, ShmSize } = hostConfig;
  const sysMode = Privileged ? 'rw' : 'ro';
  const mounts: SpecMount[] = [
    { destination: '/proc', type: 'proc', source: 'proc', options: plain },
    tmpfs('/dev', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    {
      destination: '/dev/pts',
      ...{ type: 'devpts', source: 'devpts' },
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...plain, sysMode] },
    {
      destination: '/sys/fs/cgroup',
      ...{ type: 'cgroup', source: 'cgroup', options: [sysMode, ...plain] },
    },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: plain },
  ];
  if (IpcMode === 'host') {
    mounts.push({ ...bind('/dev/shm', '/dev/shm') });
  } else if (IpcMode !== 'none' && sharedWith(IpcMode) === undefined) {
    mounts.push(tmpfs('/dev/shm', [...plain, 'mode=1777', `size=${ShmSize}`], 'shm'));
  }
  return mounts;
}

function tmpfs(destination: string, options: readonly string[], source = 'tmpfs'): SpecMount {
  return { destination, type: 'tmpfs', source, options };
}

function bind(source: string, destination: string): SpecMount {
  return { destination, type: 'bind', source, options: ['rbind', 'rprivate'] };
}
