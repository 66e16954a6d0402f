/** What a container may see, use and do: asked of the kernel from inside. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync, existsSync } from 'node:fs';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { cloneTree } from '@slipway/native';
import { ran } from './container.fixture.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;
const status = (names: string): string => `grep -E "^(${names}):" /proc/self/status`;

check("root inside has Docker's rights and filter, and no others", { needs }, async context => {
  const { output } = await ran(context, `id -u; ${status('Cap...|NoNewPrivs|Seccomp')}`);
  expect(output.replaceAll('\t', ' ')).toBe(
    '0\nCapInh: 0000000000000000\nCapPrm: 00000000a80425fb\nCapEff: 00000000a80425fb\n' +
      'CapBnd: 00000000a80425fb\nCapAmb: 0000000000000000\nNoNewPrivs: 0\nSeccomp: 2\n',
  );
});

check(
  'another user has none of them; no_new_privs is there if asked for',
  { needs },
  async context => {
    const user = { uid: 1000, gid: 100, additionalGids: [100, 2000] };
    const { output } = await ran(context, `id; umask; ${status('CapEff|NoNewPrivs|Seccomp')}`, {
      process: { user: { ...user, umask: 0o27 }, noNewPrivileges: true },
    });
    expect(output.replaceAll('\t', ' ')).toBe(
      'uid=1000 gid=100 groups=100,2000\n0027\n' +
        'CapEff: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2\n',
    );
  },
);

check('a PID 1 that stays may do no more than the application', { needs }, async context => {
  const script = 'grep -E "^(CapEff|Seccomp):" /proc/1/status; tr "\\0" " " </proc/1/cmdline';
  const { output } = await ran(context, script, { request: { init: true } });
  expect(output.replaceAll('\t', ' ')).toMatch(
    /^CapEff: 00000000a80425fb\nSeccomp: 2\nslipway-init -- sh -c /,
  );
});

check('mounting, new namespaces, keyrings and clocks are refused', { needs }, async context => {
  const script = `mknod /tmp/loop b 7 0
    for call in 'mount -t tmpfs x /mnt' 'unshare -m true' 'unshare -U true' 'hostname y' \\
      'dmesg -c' 'head -c1 /tmp/loop' 'swapoff /x' 'chroot / true'; do
      $call 2>/dev/null && echo "$call" is allowed
    done`;
  const { output } = await ran(context, script);
  expect(output).toBe('chroot / true is allowed\n');
});

check('the mounts are those that Docker shows', { needs }, async context => {
  const { output } = await ran(context, "cut -d' ' -f2-4 /proc/mounts | grep -vE '^/(proc|sys)/'");
  expect(output.replaceAll(',inode64', '').split('\n').slice(1)).toEqual([
    '/proc proc rw,nosuid,nodev,noexec,relatime',
    '/dev tmpfs rw,nosuid,size=65536k,mode=755',
    '/dev/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666',
    '/sys sysfs ro,nosuid,nodev,noexec,relatime',
    '/dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime',
    '/dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k',
    '',
  ]);
});

check("the kernel's settings cannot be written, and some not read", { needs }, async context => {
  const script = `cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | wc -c
    ls -A /proc/acpi /proc/scsi /sys/firmware 2>/dev/null | grep -vE "^(/.*:)?$"
    echo 1 >/proc/sys/kernel/panic; echo 1 >/proc/irq/default_smp_affinity; mkdir /sys/x
    for d in /sys/fs/cgroup /sys/fs/cgroup/memory; do mkdir $d/x; done 2>&1 | grep -c Read-only`;
  const { output } = await ran(context, script);
  expect(output.match(/Read-only file system/g)).toHaveLength(3);
  expect(output.split('\n')[0]).toBe('0');
  expect(output).toMatch(/\n[12]\n$/);
});

check(
  'only harmless devices open, and its groups are the root of what it sees',
  { needs },
  async context => {
    const script = `echo x >/dev/null && head -c2 /dev/zero | wc -c; mknod /tmp/kmsg c 1 11
    head -c1 /tmp/kmsg; cut -d: -f3 /proc/self/cgroup | sort -u`;
    const { output } = await ran(context, script);
    expect(output).toMatch(/^2\nhead: \/tmp\/kmsg: Operation not permitted\n\/\n$/);
  },
);

check(
  'limits, score and settings are as configured; a lower score is no failure',
  { needs },
  async context => {
    const script = 'ulimit -n; cat /proc/self/oom_score_adj /proc/sys/net/ipv4/ip_forward';
    const sysctl = { 'net.ipv4.ip_forward': '1' };
    const { output, exitCode } = await ran(context, script, {
      process: { rlimits: [{ type: 'RLIMIT_NOFILE', soft: 77, hard: 100 }], oomScoreAdj: 300 },
      spec: usual => ({ ...usual, linux: { ...usual.linux, sysctl } }),
    });
    expect([exitCode, output]).toEqual([0, '77\n300\n1\n']);
    const low = await ran(context, 'echo runs', { process: { oomScoreAdj: -998 } });
    expect(low.output).toBe('runs\n');
  },
);

check(
  'a read-only root stays writable where something else is mounted',
  { needs },
  async context => {
    const data = await context.scratch();
    using volume = cloneTree(data);
    const { output } = await ran(context, 'touch /x; touch /dev/shm/y /data/z && echo written', {
      spec: usual => ({ ...usual, root: { path: 'rootfs', readonly: true } }),
      request: { mounts: [{ target: '/data', descriptor: volume.descriptor }] },
    });
    // By two pipes: which of them is heard first is nobody's promise.
    const lines = output.trimEnd().split('\n').toSorted();
    expect(lines).toEqual(['touch: /x: Read-only file system', 'written']);
    expect(existsSync(`${data}/z`)).toBe(true);
  },
);

check("a stranger's links lead nowhere outside", { needs }, async context => {
  const outside = await context.scratch();
  writeFileSync(`${outside}/passwd`, 'untouched');
  const hostile = (rootfs: string): void => {
    for (const name of ['dev', 'sys', 'proc', 'srv', 'etc']) {
      rmSync(`${rootfs}/${name}`, { recursive: true, force: true });
    }
    symlinkSync(outside, `${rootfs}/srv`);
    symlinkSync('../../../../../../..', `${rootfs}/etc`);
    mkdirSync(`${rootfs}/real`);
    for (const name of ['dev', 'sys']) symlinkSync(`/real/${name}`, `${rootfs}/${name}`);
    for (const name of ['dev', 'sys']) mkdirSync(`${rootfs}/real/${name}`);
  };
  const { output, exitCode } = await ran(context, 'pwd; ls -d /real/dev/null; ls /etc/etc', {
    prepare: hostile,
    process: { cwd: '/etc/app' },
  });
  expect([exitCode, output.split('\n').slice(0, 2)]).toEqual([0, ['/app', '/real/dev/null']]);
  expect(existsSync(`${outside}/app`)).toBe(false);
  expect(existsSync('/app')).toBe(false);
});
