/** A root becomes steps: compared as values, nothing is run. */
import { checkProgram, explainProgram, recordingSpawn, step } from '@slipway/native';
import {
  containerRequest,
  kinds,
  rootAs,
  type ContainerOptions,
} from '@slipway/namespaces';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskedPaths, readOnlyPaths } from './hidden-paths.ts';
import { withRoot, type RootOptions } from './rootfs.ts';

const application = { argv: ['sh'], env: ['PATH=/bin'] } as const;
const root: RootOptions = { descriptor: 9, readOnly: false };

function requestFor(
  options: Partial<ContainerOptions>,
  more: Partial<RootOptions> = {},
) {
  const plain = containerRequest({ namespaces: ['mount'], ...application, ...options });
  return withRoot(plain, { ...root, ...more });
}

const calls = (...of: Parameters<typeof requestFor>): readonly string[] =>
  requestFor(...of).program.map(({ call }) => call);

test('a whole root is this list of calls, in this order', () => {
  const namespaces = ['pid', 'mount', 'ipc'] as const;
  const terminal = { rows: 24, columns: 80 };
  const request = requestFor(
    { namespaces, queues: true, terminal },
    { readOnly: true },
  );
  expect(explainProgram(request).map(({ code }) => code)).toMatchInlineSnapshot(`
    [
      "clone3(CLONE_NEWPID|CLONE_NEWNS|CLONE_NEWIPC|CLONE_VM|CLONE_VFORK|CLONE_PIDFD)",
      "execveat(slipway-init)",
      "mount(NULL, "/", NULL, MS_PRIVATE|MS_REC, NULL)",
      "move_mount(descriptor 0, "/")",
      "mount("sysfs", "/sys", "sysfs", MS_RDONLY|MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL)",
      "mount("tmpfs", "/dev", "tmpfs", MS_NOSUID, "mode=755,size=65536k")",
      "mknod("/dev/null", S_IFCHR|0666, 1:3)",
      "mknod("/dev/zero", S_IFCHR|0666, 1:5)",
      "mknod("/dev/full", S_IFCHR|0666, 1:7)",
      "mknod("/dev/random", S_IFCHR|0666, 1:8)",
      "mknod("/dev/urandom", S_IFCHR|0666, 1:9)",
      "mknod("/dev/tty", S_IFCHR|0666, 5:0)",
      "symlink("/proc/self/fd", "/dev/fd")",
      "symlink("/proc/self/fd/0", "/dev/stdin")",
      "symlink("/proc/self/fd/1", "/dev/stdout")",
      "symlink("/proc/self/fd/2", "/dev/stderr")",
      "symlink("pts/ptmx", "/dev/ptmx")",
      "mount("devpts", "/dev/pts", "devpts", MS_NOSUID|MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5")",
      "mount("shm", "/dev/shm", "tmpfs", MS_NOSUID|MS_NODEV|MS_NOEXEC, "mode=1777,size=65536k")",
      "mount("mqueue", "/dev/mqueue", "mqueue", MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL)",
      "symlink("pts/0", "/dev/console")",
      "mount("proc", "/proc", "proc", MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL)",
      "move_mount(empty, each of /proc/acpi, /proc/asound, /proc/interrupts and 9 more)",
      "mount_setattr(MOUNT_ATTR_RDONLY, each of /proc/bus, /proc/fs, /proc/irq and 2 more)",
      "mount_setattr("/", MOUNT_ATTR_RDONLY)",
      "pivot_root(".", "."); umount2(".", MNT_DETACH); chdir("/")",
      "open("/dev/pts/ptmx"); setsid(); ioctl(TIOCSCTTY); dup2(… 0, 1, 2)",
      "execve("sh")",
    ]
  `);
});

test('what was mounted on the files of the host gives way, the rest stays', () => {
  const namespaces = ['pid', 'mount', 'ipc', 'uts'] as const;
  const steps = requestFor({ namespaces, queues: true, hostname: 'box' }).program;
  const at = (call: string) => steps.findIndex(one => one.call === call);
  expect(steps.filter(({ call }) => call === 'mountProc')).toHaveLength(1);
  const queues = steps.filter(one => one.call === 'mount' && one.type === 'mqueue');
  expect(queues).toHaveLength(1);
  expect(at('attach')).toBeLessThan(at('mountProc'));
  expect(at('mountProc')).toBeLessThan(at('maskPaths'));
  expect(at('pivotRoot')).toBeLessThan(at('setHostname'));
});

test('the root is the next descriptor after those that the request has', () => {
  const plain = containerRequest({ namespaces: ['mount'], ...application });
  const request = withRoot({ ...plain, descriptors: [7] }, root);
  expect(request.descriptors).toEqual([7, 9]);
  expect(request.program).toContainEqual(step.attach(1, '/'));
});

test('control groups, barriers and the other wishes of a request are kept', () => {
  const plain = containerRequest({
    namespaces: ['mount', 'user'],
    idMaps: rootAs({ uid: 0, gid: 0 }),
    ...application,
  });
  const request = withRoot({ ...plain, cgroups: ['/sys/fs/cgroup/box'] }, root);
  expect(request.cgroups).toEqual(['/sys/fs/cgroup/box']);
  expect(request.onBarrier).toBe(plain.onBarrier);
  expect(request.program[0]).toEqual(step.barrier('id-maps'));
});

test('only --read-only makes the root read-only', () => {
  expect(calls({})).not.toContain('makeRootReadOnly');
  expect(calls({}, { readOnly: true })).toContain('makeRootReadOnly');
});

test('a terminal has a console, and its devpts is that of the root', () => {
  const terminal = { rows: 24, columns: 80 };
  const steps = requestFor({ terminal }).program;
  expect(steps).toContainEqual(step.makeLink('/dev/console', 'pts/0'));
  const devpts = steps.filter(one => one.call === 'mount' && one.type === 'devpts');
  expect(devpts).toHaveLength(1);
  expect(requestFor({}).program).not.toContainEqual(
    step.makeLink('/dev/console', 'pts/0'),
  );
});

test('what a user namespace does not own is not mounted', () => {
  const types = (namespaces: ContainerOptions['namespaces']) =>
    requestFor({ namespaces }).program.flatMap(one =>
      one.call === 'mount' ? [one.type] : [],
    );
  expect(types(['mount'])).toEqual(['sysfs', 'tmpfs', 'devpts', 'tmpfs', 'mqueue']);
  expect(types(['mount', 'user'])).toEqual(['tmpfs', 'devpts', 'tmpfs']);
  expect(types(['mount', 'user', 'net', 'ipc', 'time'])).toEqual(types(['mount']));
});

test('a request without mounts of its own cannot have a root', () => {
  const plain = containerRequest({ namespaces: [], ...application });
  expect(() => withRoot(plain, root)).toThrow('needs a mount namespace');
});

test('further devices stand beside the standard ones', () => {
  const devices = [{ path: '/dev/fuse', major: 10, minor: 229 }];
  const steps = requestFor({}, { devices }).program;
  expect(steps).toContainEqual(step.makeDevice('/dev/fuse', 10, 229));
  expect(steps.filter(({ call }) => call === 'makeDevice')).toHaveLength(7);
});

test('no path is both hidden and shown, and all lie in /proc or /sys', () => {
  expect(maskedPaths.filter(path => readOnlyPaths.includes(path))).toEqual([]);
  for (const path of [...maskedPaths, ...readOnlyPaths]) {
    expect(path).toMatch(/^\/(proc|sys)\//);
  }
});

test('whatever is asked for, the program breaks no rule of order', async () => {
  const options = fc.record({
    namespaces: fc
      .subarray(kinds.map(({ kind }) => kind))
      .map(some => [...new Set([...some, 'mount' as const])]),
    queues: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(options, fc.boolean(), async (one, readOnly) => {
      const request = requestFor(one, { readOnly });
      const descriptorCount = request.descriptors?.length ?? 0;
      expect(checkProgram({ ...request, descriptorCount })).toEqual([]);
      const recorder = recordingSpawn();
      await recorder.spawn(request);
      expect(recorder.requests).toHaveLength(1);
    }),
  );
});
