import { describe, expect, test } from 'vitest';
import { controllers } from './controllers.ts';
import { findHierarchies, type Hierarchies, type KernelTexts } from './hierarchies.ts';
import { readRecording, type RecordingName } from '../recordings/recording.ts';

function recorded(
  name: RecordingName,
  changes: Partial<KernelTexts> = {},
): Hierarchies {
  const { texts, tops } = readRecording(name);
  return findHierarchies({
    mountinfo: texts.get('/proc/self/mountinfo') ?? '',
    selfCgroup: texts.get('/proc/self/cgroup') ?? '',
    procCgroups: texts.get('/proc/cgroups') ?? '',
    controllersIn: directory => tops.get(directory)?.get('cgroup.controllers'),
    ...changes,
  });
}

/** One line a controller: where it is, and this process's own group there. */
function table({ of }: Hierarchies): string {
  return controllers
    .map(controller => {
      const found = of[controller];
      if (found.world === 'absent') return `${controller}: absent, ${found.reason}`;
      const { mountPoint, own } = found.hierarchy;
      return `${controller}: ${found.world} ${mountPoint} own ${own}`;
    })
    .join('\n');
}

/** Only where one controller is, of a machine with these two texts. */
function where(mountinfo: string, selfCgroup: string): string | undefined {
  const found = findHierarchies({
    mountinfo,
    selfCgroup,
    procCgroups: '',
    controllersIn: () => undefined,
  }).of.memory;
  return found.world === 'absent' ? found.reason : found.hierarchy.own;
}

const memoryAt = (root: string, mountPoint: string, id = 40): string =>
  `${id} 31 0:32 ${root} ${mountPoint} rw,relatime shared:9 master:3 - cgroup cgroup rw,memory\n`;

describe('on recorded machines every controller is found where it is', () => {
  test('one hierarchy for each version 1 controller, version 2 beside them', () => {
    expect(table(recorded('v1-one-each'))).toMatchInlineSnapshot(`
      "cpu: v1 /sys/fs/cgroup/cpu own /sys/fs/cgroup/cpu
      cpuacct: v1 /sys/fs/cgroup/cpuacct own /sys/fs/cgroup/cpuacct
      cpuset: v1 /sys/fs/cgroup/cpuset own /sys/fs/cgroup/cpuset
      memory: v1 /sys/fs/cgroup/memory own /sys/fs/cgroup/memory/work/one
      blkio: v1 /sys/fs/cgroup/blkio own /sys/fs/cgroup/blkio
      pids: v1 /sys/fs/cgroup/pids own /sys/fs/cgroup/pids
      devices: v1 /sys/fs/cgroup/devices own /sys/fs/cgroup/devices
      freezer: v1 /sys/fs/cgroup/freezer own /sys/fs/cgroup/freezer
      hugetlb: v2 /sys/fs/cgroup/unified own /sys/fs/cgroup/unified
      net_cls: absent, the kernel has it, but no hierarchy offers it here: mount -t cgroup -o net_cls net_cls DIRECTORY
      net_prio: absent, the kernel has it, but no hierarchy offers it here: mount -t cgroup -o net_prio net_prio DIRECTORY
      perf_event: v2 /sys/fs/cgroup/unified own /sys/fs/cgroup/unified
      rdma: absent, this kernel was built without it
      misc: absent, this kernel was built without it"
    `);
  });

  test('version 1 with controllers that share a hierarchy', () => {
    expect(table(recorded('v1-co-mounted'))).toMatchInlineSnapshot(`
      "cpu: v1 /sys/fs/cgroup/cpu,cpuacct own /sys/fs/cgroup/cpu,cpuacct
      cpuacct: v1 /sys/fs/cgroup/cpu,cpuacct own /sys/fs/cgroup/cpu,cpuacct
      cpuset: v1 /sys/fs/cgroup/cpuset own /sys/fs/cgroup/cpuset
      memory: v1 /sys/fs/cgroup/memory own /sys/fs/cgroup/memory
      blkio: v1 /sys/fs/cgroup/blkio own /sys/fs/cgroup/blkio
      pids: v1 /sys/fs/cgroup/pids own /sys/fs/cgroup/pids
      devices: v1 /sys/fs/cgroup/devices own /sys/fs/cgroup/devices
      freezer: v1 /sys/fs/cgroup/freezer own /sys/fs/cgroup/freezer
      hugetlb: v1 /sys/fs/cgroup/hugetlb own /sys/fs/cgroup/hugetlb
      net_cls: v1 /sys/fs/cgroup/net_cls,net_prio own /sys/fs/cgroup/net_cls,net_prio
      net_prio: v1 /sys/fs/cgroup/net_cls,net_prio own /sys/fs/cgroup/net_cls,net_prio
      perf_event: v1 /sys/fs/cgroup/perf_event own /sys/fs/cgroup/perf_event
      rdma: absent, the kernel has it, but no hierarchy offers it here: mount -t cgroup -o rdma rdma DIRECTORY
      misc: absent, the kernel has it, but no hierarchy offers it here: mount -t cgroup -o misc misc DIRECTORY"
    `);
  });

  test('version 2 alone', () => {
    expect(table(recorded('v2-debian-12'))).toMatchInlineSnapshot(`
      "cpu: v2 /sys/fs/cgroup own /sys/fs/cgroup
      cpuacct: v2 /sys/fs/cgroup own /sys/fs/cgroup
      cpuset: v2 /sys/fs/cgroup own /sys/fs/cgroup
      memory: v2 /sys/fs/cgroup own /sys/fs/cgroup
      blkio: v2 /sys/fs/cgroup own /sys/fs/cgroup
      pids: v2 /sys/fs/cgroup own /sys/fs/cgroup
      devices: v2 /sys/fs/cgroup own /sys/fs/cgroup
      freezer: v2 /sys/fs/cgroup own /sys/fs/cgroup
      hugetlb: v2 /sys/fs/cgroup own /sys/fs/cgroup
      net_cls: absent, version 2 has no classid: match the group itself (nft socket cgroupv2)
      net_prio: absent, version 2 has no priorities: match the group itself in nftables or tc
      perf_event: v2 /sys/fs/cgroup own /sys/fs/cgroup
      rdma: v2 /sys/fs/cgroup own /sys/fs/cgroup
      misc: v2 /sys/fs/cgroup own /sys/fs/cgroup"
    `);
  });

  test('the hybrid of systemd, in which version 2 has no controller', () => {
    expect(table(recorded('hybrid-systemd'))).toMatchInlineSnapshot(`
      "cpu: v1 /sys/fs/cgroup/cpu,cpuacct own /sys/fs/cgroup/cpu,cpuacct/user.slice
      cpuacct: v1 /sys/fs/cgroup/cpu,cpuacct own /sys/fs/cgroup/cpu,cpuacct/user.slice
      cpuset: v1 /sys/fs/cgroup/cpuset own /sys/fs/cgroup/cpuset
      memory: v1 /sys/fs/cgroup/memory own /sys/fs/cgroup/memory/user.slice/user-1000.slice/session-1.scope
      blkio: v1 /sys/fs/cgroup/blkio own /sys/fs/cgroup/blkio/user.slice
      pids: v1 /sys/fs/cgroup/pids own /sys/fs/cgroup/pids/user.slice/user-1000.slice/session-1.scope
      devices: v1 /sys/fs/cgroup/devices own /sys/fs/cgroup/devices/user.slice
      freezer: v1 /sys/fs/cgroup/freezer own /sys/fs/cgroup/freezer
      hugetlb: v1 /sys/fs/cgroup/hugetlb own /sys/fs/cgroup/hugetlb
      net_cls: v1 /sys/fs/cgroup/net_cls,net_prio own /sys/fs/cgroup/net_cls,net_prio
      net_prio: v1 /sys/fs/cgroup/net_cls,net_prio own /sys/fs/cgroup/net_cls,net_prio
      perf_event: v1 /sys/fs/cgroup/perf_event own /sys/fs/cgroup/perf_event
      rdma: v1 /sys/fs/cgroup/rdma own /sys/fs/cgroup/rdma
      misc: v1 /sys/fs/cgroup/misc own /sys/fs/cgroup/misc"
    `);
  });
});

describe('the own group is found', () => {
  test('in a sub-group of a mount that shows the whole hierarchy', () => {
    expect(where(memoryAt('/', '/cg/memory'), '4:memory:/a/b\n')).toBe(
      '/cg/memory/a/b',
    );
  });

  test('below a mount that shows a part of it, as in a container', () => {
    const mount = memoryAt('/docker/7f', '/sys/fs/cgroup/memory');
    expect(where(mount, '4:memory:/docker/7f\n')).toBe('/sys/fs/cgroup/memory');
    expect(where(mount, '4:memory:/docker/7f/x\n')).toBe('/sys/fs/cgroup/memory/x');
  });

  test('nowhere when the mount shows another part', () => {
    const mount = memoryAt('/docker/7', '/sys/fs/cgroup/memory');
    expect(where(mount, '4:memory:/docker/7f\n')).toBeUndefined();
  });

  test('nowhere when it or the mount lies above the cgroup namespace', () => {
    expect(where(memoryAt('/../..', '/cg'), '4:memory:/\n')).toBeUndefined();
    expect(where(memoryAt('/', '/cg'), '4:memory:/../other\n')).toBeUndefined();
  });

  test('with colons in its name, and after it was deleted', () => {
    expect(where(memoryAt('/', '/cg'), '4:memory:/a:b:c\n')).toBe('/cg/a:b:c');
    expect(where(memoryAt('/', '/cg'), '4:memory:/gone (deleted)\n')).toBe('/cg/gone');
  });

  test('behind a mount point with a space, a tab and a backslash', () => {
    const mount = memoryAt('/a\\040b', '/my\\040cg\\011x\\134y');
    expect(where(mount, '4:memory:/a b/c\n')).toBe('/my cg\tx\\y/c');
  });
});

describe('of several mounts of one hierarchy', () => {
  test('the one that holds the own group wins, wherever it stands', () => {
    const [other, ours] = [memoryAt('/a', '/one'), memoryAt('/longer', '/two', 41)];
    expect(where(ours + other, '4:memory:/longer/box\n')).toBe('/two/box');
    expect(where(other + ours, '4:memory:/longer/box\n')).toBe('/two/box');
  });

  test('the one that shows most wins among those', () => {
    const [part, whole] = [memoryAt('/a', '/part'), memoryAt('/', '/whole', 41)];
    expect(where(whole + part, '4:memory:/a/box\n')).toBe('/whole/a/box');
  });

  test('a writable one wins over a read-only one', () => {
    const readOnly = memoryAt('/', '/ro', 42).replace(' rw,', ' ro,');
    const both = memoryAt('/', '/rw') + readOnly;
    expect(where(both, '4:memory:/box\n')).toBe('/rw/box');
  });

  test('the order of the names in it does not matter', () => {
    const mount = '40 31 0:32 / /cg rw - cgroup cgroup rw,cpuacct,memory\n';
    expect(where(mount, '4:memory,cpuacct:/box\n')).toBe('/cg/box');
  });
});

describe('why a controller is absent', () => {
  const only = (line: string): string => {
    const found = recorded('v1-one-each', { procCgroups: `${line}\n` }).of.net_cls;
    return found.world === 'absent' ? found.reason : '';
  };

  test('switched off at boot, not built in, or mounted elsewhere', () => {
    expect(only('net_cls\t0\t1\t0')).toMatch(/cgroup_disable/);
    expect(only('cpu\t0\t1\t1')).toBe('this kernel was built without it');
    expect(only('net_cls\t5\t1\t1')).toMatch(/not mounted here/);
  });

  test('a version 2 mount whose cgroup.controllers cannot be read offers the core alone', () => {
    const { all } = recorded('v2-debian-12', { controllersIn: () => undefined });
    expect(all[0]?.controllers).toEqual([
      'cpuacct',
      'devices',
      'freezer',
      'perf_event',
    ]);
  });

  test('a read-only hierarchy is found and known to be so', () => {
    const mountinfo = '37 31 0:32 / /cg ro,relatime - cgroup2 cgroup2 rw\n';
    expect(recorded('v2-debian-12', { mountinfo }).all[0]?.readOnly).toBe(true);
  });
});
