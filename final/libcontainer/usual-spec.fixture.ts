// A runtime configuration as the engine makes it for a container without options: for the tests.
//
// - `usualSpec(args, changes)`: `changes` replace members of the process
// - `usualCapabilities`

import { maskedPaths, readOnlyPaths } from './root.ts';
import { defaultSeccompProfile } from './seccomp/default-profile.ts';
import { seccompSchema } from './spec/seccomp.ts';
import type { RuntimeSpec, SpecProcess } from './spec.ts';

export const usualCapabilities: readonly string[] = [
  ...['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FSETID', 'CAP_FOWNER', 'CAP_MKNOD', 'CAP_NET_RAW'],
  ...['CAP_SETGID', 'CAP_SETUID', 'CAP_SETFCAP', 'CAP_SETPCAP', 'CAP_NET_BIND_SERVICE'],
  ...['CAP_SYS_CHROOT', 'CAP_KILL', 'CAP_AUDIT_WRITE'],
];

const closed = ['nosuid', 'noexec', 'nodev'];

const mounts = [
  { destination: '/proc', type: 'proc', source: 'proc', options: closed },
  {
    destination: '/dev',
    ...{ type: 'tmpfs', source: 'tmpfs' },
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    ...{ type: 'devpts', source: 'devpts' },
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...closed, 'ro'] },
  {
    destination: '/sys/fs/cgroup',
    ...{ type: 'cgroup', source: 'cgroup', options: ['ro', ...closed] },
  },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: closed },
  {
    destination: '/dev/shm',
    ...{ type: 'tmpfs', source: 'shm', options: [...closed, 'mode=1777', 'size=65536k'] },
  },
] as const;

const allow = (major: number, minor?: number) => ({
  ...{ allow: true, type: 'c' as const, major, access: 'rwm' },
  ...(minor !== undefined && { minor }),
});

const devices = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c' as const, access: 'm' },
  { allow: true, type: 'b' as const, access: 'm' },
  ...[3, 5, 7, 8, 9].map(minor => allow(1, minor)),
  ...[0, 1, 2].map(minor => allow(5, minor)),
  allow(136),
];

const seccomp = seccompSchema.parse({
  ...defaultSeccompProfile,
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32', 'SCMP_ARCH_AARCH64'],
  syscalls: defaultSeccompProfile.syscalls.filter(rule => {
    const needed = 'includes' in rule && 'caps' in rule.includes ? rule.includes.caps : [];
    return needed.every(name => usualCapabilities.includes(name));
  }),
});

export function usualSpec(
  args: readonly string[],
  changes: Partial<SpecProcess> = {},
): RuntimeSpec & { readonly linux: object } {
  const names = usualCapabilities;
  return {
    ociVersion: '1.2.0',
    process: {
      args,
      env: ['PATH=/bin:/sbin:/usr/bin:/usr/sbin'],
      cwd: '/',
      user: { uid: 0, gid: 0 },
      capabilities: { bounding: names, effective: names, permitted: names },
      ...changes,
    },
    root: { path: 'rootfs' },
    hostname: 'box',
    mounts,
    linux: {
      namespaces: [...(['mount', 'pid', 'ipc', 'uts', 'cgroup'] as const).map(type => ({ type }))],
      resources: { devices },
      seccomp,
      maskedPaths,
      readonlyPaths: readOnlyPaths,
    },
  };
}
