/** Configurations become programs: whole ones, and what single wishes change in them. */
import { expect, test } from 'vitest';
import { checkProgram, explainProgram } from '@slipway/native';
import { Refusal } from '../engine/refusal.ts';
import { containerProgram, type ContainerParts } from './program.ts';
import { parseSpec, type RuntimeSpec } from './spec.ts';
import { usualCapabilities, usualSpec } from './usual-spec.fixture.ts';

const groupMounts = [
  { name: 'cpu', descriptor: 21, links: [] },
  { name: 'memory', descriptor: 22, links: [] },
];

function partsOf(spec: RuntimeSpec, more: Partial<ContainerParts> = {}): ContainerParts {
  return {
    spec,
    root: 20,
    mounts: [],
    network: { mode: 'prepared', namespace: 40 },
    cgroups: ['/sys/fs/cgroup/cpu/slipway/box', '/sys/fs/cgroup/memory/slipway/box'],
    groupMounts,
    joined: new Map(),
    filter: 30,
    staysAsInit: false,
    size: { rows: 24, columns: 80 },
    ...more,
  };
}

/** The calls of its program, one a line. */
function lines(spec: RuntimeSpec, more: Partial<ContainerParts> = {}): readonly string[] {
  const program = containerProgram(partsOf(spec, more));
  const descriptorCount = program.descriptors.length;
  expect(checkProgram({ ...program, descriptorCount })).toEqual([]);
  return explainProgram(program).map(({ code }) => code);
}

/** What one has and the other has not. */
function difference(before: readonly string[], after: readonly string[]): readonly string[] {
  return [
    ...before.filter(line => !after.includes(line)).map(line => `- ${line}`),
    ...after.filter(line => !before.includes(line)).map(line => `+ ${line}`),
  ];
}

const usual = usualSpec(['sh']);

test('a container without options is this program', () => {
  expect(lines(usual).join('\n')).toMatchInlineSnapshot(`
    "clone3(CLONE_NEWNS|CLONE_NEWPID|CLONE_NEWIPC|CLONE_NEWUTS|CLONE_VM|CLONE_VFORK|CLONE_PIDFD)
    enter("/sys/fs/cgroup/cpu/slipway/box")
    enter("/sys/fs/cgroup/memory/slipway/box")
    unshare(CLONE_NEWCGROUP)
    execveat(slipway-init)
    setns(descriptor 4, CLONE_NEWNET)
    mount(NULL, "/", NULL, MS_PRIVATE|MS_REC, NULL)
    move_mount(descriptor 0, "/")
    mount("proc", "/proc", "proc", MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL)
    mount("tmpfs", "/dev", "tmpfs", MS_NOSUID|MS_STRICTATIME, "mode=755,size=65536k")
    mknod("/dev/null", S_IFCHR|0666, 1:3)
    mknod("/dev/zero", S_IFCHR|0666, 1:5)
    mknod("/dev/full", S_IFCHR|0666, 1:7)
    mknod("/dev/random", S_IFCHR|0666, 1:8)
    mknod("/dev/urandom", S_IFCHR|0666, 1:9)
    mknod("/dev/tty", S_IFCHR|0666, 5:0)
    symlink("/proc/self/fd", "/dev/fd")
    symlink("/proc/self/fd/0", "/dev/stdin")
    symlink("/proc/self/fd/1", "/dev/stdout")
    symlink("/proc/self/fd/2", "/dev/stderr")
    symlink("pts/ptmx", "/dev/ptmx")
    mount("devpts", "/dev/pts", "devpts", MS_NOSUID|MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5")
    mount("sysfs", "/sys", "sysfs", MS_NOSUID|MS_NOEXEC|MS_NODEV|MS_RDONLY, NULL)
    mount("tmpfs", "/sys/fs/cgroup", "tmpfs", MS_NOSUID|MS_NOEXEC|MS_NODEV, "mode=755")
    move_mount(descriptor 1, "/sys/fs/cgroup/cpu")
    move_mount(descriptor 2, "/sys/fs/cgroup/memory")
    mount("tmpfs", "/sys/fs/cgroup", "tmpfs", MS_RDONLY|MS_NOSUID|MS_NOEXEC|MS_NODEV|MS_REMOUNT, "mode=755")
    mount("mqueue", "/dev/mqueue", "mqueue", MS_NOSUID|MS_NOEXEC|MS_NODEV, NULL)
    mount("shm", "/dev/shm", "tmpfs", MS_NOSUID|MS_NOEXEC|MS_NODEV, "mode=1777,size=65536k")
    move_mount(empty, each of /proc/acpi, /proc/asound, /proc/interrupts and 9 more)
    mount_setattr(MOUNT_ATTR_RDONLY, each of /proc/bus, /proc/fs, /proc/irq and 2 more)
    pivot_root(".", "."); umount2(".", MNT_DETACH); chdir("/")
    sethostname("box")
    chdir("/")
    setgroups(0, …); setresgid(0, …); setresuid(0, …)
    seccomp(SECCOMP_SET_MODE_FILTER, descriptor 3)
    prctl(PR_CAPBSET_DROP, all but 14); capset(CAP_CHOWN|CAP_DAC_OVERRIDE|CAP_FOWNER and 11 more)
    setsid()
    execve("sh")"
  `);
});

test('a privileged one has all rights, no filter, nothing hidden and all writable', () => {
  const bounding = [...usualCapabilities, 'CAP_SYS_ADMIN', 'CAP_BPF'];
  const all = { bounding, effective: bounding, permitted: bounding };
  const { seccomp: _, ...linux } = usual.linux ?? {};
  const privileged: RuntimeSpec = {
    ...usual,
    process: { ...usual.process, capabilities: all },
    mounts: (usual.mounts ?? []).map(mount => ({
      ...mount,
      options: (mount.options ?? []).filter(option => option !== 'ro'),
    })),
    linux: { ...linux, maskedPaths: [], readonlyPaths: [] },
  };
  const found = difference(lines(usual), lines(privileged, { filter: undefined }));
  expect(found.join('\n')).toMatchInlineSnapshot(`
    "- setns(descriptor 4, CLONE_NEWNET)
    - mount("sysfs", "/sys", "sysfs", MS_NOSUID|MS_NOEXEC|MS_NODEV|MS_RDONLY, NULL)
    - mount("tmpfs", "/sys/fs/cgroup", "tmpfs", MS_RDONLY|MS_NOSUID|MS_NOEXEC|MS_NODEV|MS_REMOUNT, "mode=755")
    - move_mount(empty, each of /proc/acpi, /proc/asound, /proc/interrupts and 9 more)
    - mount_setattr(MOUNT_ATTR_RDONLY, each of /proc/bus, /proc/fs, /proc/irq and 2 more)
    - seccomp(SECCOMP_SET_MODE_FILTER, descriptor 3)
    - prctl(PR_CAPBSET_DROP, all but 14); capset(CAP_CHOWN|CAP_DAC_OVERRIDE|CAP_FOWNER and 11 more)
    + setns(descriptor 3, CLONE_NEWNET)
    + mount("sysfs", "/sys", "sysfs", MS_NOSUID|MS_NOEXEC|MS_NODEV, NULL)
    + prctl(PR_CAPBSET_DROP, all but 16); capset(CAP_CHOWN|CAP_DAC_OVERRIDE|CAP_FOWNER and 13 more)"
  `);
});

test('another user, with limits, a folder and no new privileges', () => {
  const changed = usualSpec(['sh'], {
    user: { uid: 1000, gid: 100, additionalGids: [100, 2000], umask: 0o27 },
    cwd: '/srv/app',
    noNewPrivileges: true,
    oomScoreAdj: -500,
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: -1 }],
    capabilities: { bounding: usualCapabilities },
  });
  const after = lines(changed);
  expect(difference(lines(usual), after).join('\n')).toMatchInlineSnapshot(`
    "- chdir("/")
    - setgroups(0, …); setresgid(0, …); setresuid(0, …)
    - prctl(PR_CAPBSET_DROP, all but 14); capset(CAP_CHOWN|CAP_DAC_OVERRIDE|CAP_FOWNER and 11 more)
    + write("/proc/self/oom_score_adj", "-500")
    + mkdir("/srv/app", 0755)
    + setrlimit(RLIMIT_NOFILE, {1024, RLIM_INFINITY})
    + umask(027)
    + chdir("/srv/app")
    + setgroups(2, …); setresgid(100, …); setresuid(1000, …)
    + prctl(PR_CAPBSET_DROP, all but 14); capset(none)
    + prctl(PR_SET_NO_NEW_PRIVS, 1)"
  `);
  const [rights, promise, filter] = ['capset', 'PR_SET_NO_NEW_PRIVS', 'seccomp('].map(word =>
    after.findIndex(line => line.includes(word)),
  );
  // The filter last: it needs no right any more.
  expect([rights, promise, filter]).toEqual([rights, (rights ?? 0) + 1, (rights ?? 0) + 2]);
});

test('few descriptors are what is left behind the terminal, which takes some to open', () => {
  const limited = (soft: number, hard: number, terminal: boolean): readonly string[] => {
    const spec = usualSpec(['sh'], { terminal });
    const rlimits = [{ type: 'RLIMIT_NOFILE', soft, hard }];
    const parts = partsOf({ ...spec, process: { ...spec.process, rlimits } });
    return containerProgram(parts).program.flatMap(one => {
      if (one.call === 'openTerminal') return 'tty';
      return one.call === 'setRlimit' ? `${one.soft}:${one.hard}` : [];
    });
  };
  expect(limited(8, 8, true)).toEqual(['tty', '8:8']);
  expect(limited(8, 4096, true)).toEqual(['4096:4096', 'tty', '8:4096']);
  expect(limited(1024, 4096, true)).toEqual(['1024:4096', 'tty']);
  expect(limited(8, 8, false)).toEqual(['8:8']);
});

test('a terminal, and a PID 1 that stays, come after the rights were given up', () => {
  const withTerminal = usualSpec(['sh'], { terminal: true });
  const after = lines(withTerminal, { staysAsInit: true, size: { rows: 50, columns: 132 } });
  expect(difference(lines(usual), after).join('\n')).toMatchInlineSnapshot(`
    "- setsid()
    + symlink("pts/0", "/dev/console")
    + fork()
    + open("/dev/pts/ptmx"); setsid(); ioctl(TIOCSCTTY); dup2(… 0, 1, 2)"
  `);
  const order = ['capset', 'fork()', 'ioctl(TIOCSCTTY)', 'execve('];
  const places = order.map(word => after.findIndex(line => line.includes(word)));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test('a read-only root, settings, devices and volumes are made before it is entered', () => {
  const wished: RuntimeSpec = {
    ...usual,
    root: { path: 'rootfs', readonly: true },
    domainname: 'yard',
    linux: {
      ...usual.linux,
      sysctl: { 'net.ipv4.ip_forward': '1', 'kernel/msgmax': '9000' },
      devices: [
        { type: 'b', path: '/dev/disk', major: 8, minor: 1, fileMode: 0o60660, uid: 0, gid: 6 },
      ],
    },
  };
  const after = lines(wished, {
    mounts: [
      { target: '/data', descriptor: 40 },
      { target: '/dev/shm', flags: ['nosuid'], data: 'size=1m' },
    ],
  });
  expect(difference(lines(usual), after).join('\n')).toMatchInlineSnapshot(`
    "- setns(descriptor 4, CLONE_NEWNET)
    - mount("shm", "/dev/shm", "tmpfs", MS_NOSUID|MS_NOEXEC|MS_NODEV, "mode=1777,size=65536k")
    - seccomp(SECCOMP_SET_MODE_FILTER, descriptor 3)
    + setns(descriptor 5, CLONE_NEWNET)
    + mknod("/dev/disk", S_IFBLK|0660, 8:1)
    + move_mount(descriptor 3, "/data")
    + mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID, "size=1m")
    + write("/proc/sys/net/ipv4/ip_forward", "1")
    + write("/proc/sys/kernel/msgmax", "9000")
    + mount_setattr("/", MOUNT_ATTR_RDONLY)
    + setdomainname("yard")
    + seccomp(SECCOMP_SET_MODE_FILTER, descriptor 4)"
  `);
});

test('namespaces of others are joined first, and a shared one is not made', () => {
  const joining: RuntimeSpec = {
    ...usual,
    linux: { ...usual.linux, namespaces: [{ type: 'mount' }, { type: 'pid', path: '/x' }] },
  };
  const { hostname: _, ...nameless } = joining;
  const after = lines(nameless, {
    joined: new Map([['pid', 50]]),
    network: { mode: 'container', pidfd: 51 },
  });
  expect(difference(lines(usual), after).join('\n')).toMatchInlineSnapshot(`
    "- clone3(CLONE_NEWNS|CLONE_NEWPID|CLONE_NEWIPC|CLONE_NEWUTS|CLONE_VM|CLONE_VFORK|CLONE_PIDFD)
    - unshare(CLONE_NEWCGROUP)
    - setns(descriptor 4, CLONE_NEWNET)
    - move_mount(descriptor 0, "/")
    - move_mount(descriptor 1, "/sys/fs/cgroup/cpu")
    - move_mount(descriptor 2, "/sys/fs/cgroup/memory")
    - sethostname("box")
    - seccomp(SECCOMP_SET_MODE_FILTER, descriptor 3)
    + clone3(CLONE_NEWNS|CLONE_VM|CLONE_VFORK|CLONE_PIDFD)
    + setns(descriptor 5, CLONE_NEWNET)
    + setns(descriptor 0, CLONE_NEWPID)
    + clone3(CLONE_PARENT)
    + move_mount(descriptor 1, "/")
    + move_mount(descriptor 2, "/sys/fs/cgroup/cpu")
    + move_mount(descriptor 3, "/sys/fs/cgroup/memory")
    + seccomp(SECCOMP_SET_MODE_FILTER, descriptor 4)"
  `);
});

test('version 2 is one mount of one hierarchy', () => {
  const one = [{ name: '', descriptor: 21, links: [] }];
  const after = lines(usual, { groupMounts: one });
  expect(after.filter(line => line.includes('/sys/fs/cgroup"'))).toEqual([
    'move_mount(descriptor 1, "/sys/fs/cgroup")',
  ]);
});

test("what is not the container's own, or is unknown, is refused by name", () => {
  const refused = (linux: RuntimeSpec['linux'], more: Partial<ContainerParts> = {}): string => {
    try {
      containerProgram(partsOf({ ...usual, linux: { ...usual.linux, ...linux } }, more));
    } catch (error) {
      if (error instanceof Refusal) return `${error.code}: ${error.message}`;
      throw error;
    }
    throw new Error('it was not refused');
  };
  const inProc = [{ target: '/proc/sys/x', descriptor: 3 }];
  expect([
    refused({ sysctl: { 'kernel.panic': '1' } }),
    refused({ sysctl: { 'net.ipv4.ip_forward': '1' } }, { network: { mode: 'host' } }),
    refused({ namespaces: [{ type: 'mount' }, { type: 'user' }] }),
    refused({ namespaces: [] }),
    refused({}, { mounts: inProc }),
  ]).toMatchInlineSnapshot(`
    [
      "INVALID: sysctl "kernel.panic" is not in a separate kernel namespace",
      "INVALID: sysctl "net.ipv4.ip_forward" not allowed in host network namespace",
      "UNSUPPORTED: a user namespace is not supported by this engine",
      "UNSUPPORTED: a container on the host's table of mounts is not supported by this engine",
      "INVALID: "/proc/sys/x" cannot be mounted because it is inside /proc",
    ]
  `);
});

test('a configuration of somebody else is read field by field, and nulls are nothing', () => {
  expect(parseSpec({ ...usual, annotations: null, hooks: { prestart: null } })).toEqual({
    ...usual,
    hooks: {},
  });
  const wrong = { ...usual, process: { ...usual.process, cwd: 'srv', args: [] }, ociVersion: '2' };
  expect(() => parseSpec(wrong)).toThrowErrorMatchingInlineSnapshot(
    `[Refusal: the runtime configuration is refused: ociVersion: is not of version 1; process.args: Too small: expected array to have >=1 items; process.cwd: is no path from /]`,
  );
  const hooked = { ...usual, hooks: { prestart: [{ path: '/bin/true' }] } };
  expect(() => parseSpec(hooked)).toThrow('hooks: hooks are not run');
});
