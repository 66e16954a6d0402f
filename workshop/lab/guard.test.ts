/**
 * Each kind of leak is made for real, caught, named, and undone; and what is not ours is not
 * blamed on us.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { changesSince, differences, sentence, snapshot, underGuard } from './guard.ts';
import { netnsThing, record, settle } from './ledger.ts';
import { undo } from './ledger/undo.ts';
import { endAll } from './ledger/undo-process.ts';
import { readProcess } from './proc/processes.ts';
import { controllerWorld } from './requires/cgroups.ts';

function run(command: string): string {
  return execFileSync('bash', ['-ec', command], { encoding: 'utf8' }).trim();
}

/** What the guard says of a leak that is there, and after it was undone. */
async function caught(leak: () => unknown, undone: () => unknown): Promise<string[]> {
  const before = await snapshot();
  await leak();
  try {
    return (await changesSince(before, { patienceMs: 0 })).map(sentence);
  } finally {
    await undone();
    expect((await changesSince(before)).map(sentence)).toEqual([]);
  }
}

const alone = { guard: false, needs: ['root'] } as const;

check('a leaked mount is caught and named', alone, async ({ scratch }) => {
  const folder = await scratch();
  const said = await caught(
    () => run(`mount -t tmpfs leak ${folder}`),
    () => run(`umount ${folder}`),
  );
  expect(said).toEqual([`mount ${folder} appeared`]);
});

check('a mount on top of a mount, and a changed mount, are told apart', alone, async context => {
  const folder = await context.scratch();
  run(`mount -t tmpfs -o mode=700 first ${folder}`);
  const said = await caught(
    () => run(`mount -o remount,ro ${folder}; mount -t tmpfs second ${folder}`),
    () => run(`umount ${folder}; mount -o remount,rw ${folder}`),
  );
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(new RegExp(`^mount ${folder} changed: .* rw,.* → .* ro,`));
  expect(said[1]).toBe(`mount ${folder}#2 appeared`);
});

check('a leaked link is caught and named', alone, async () => {
  const said = await caught(
    () => run('ip link add slipleak0 type veth peer name slipleak1'),
    () => run('ip link delete slipleak0'),
  );
  expect(said).toEqual(['link slipleak0 appeared', 'link slipleak1 appeared']);
});

check('a leaked control group is caught and named, in any hierarchy', alone, async () => {
  const root = controllerWorld('pids')?.mountPoint ?? '/sys/fs/cgroup';
  const group = join(root, 'guard-test');
  const said = await caught(
    () => mkdirSync(group),
    () => rmdirSync(group),
  );
  expect(said).toEqual([`cgroup ${group} appeared`]);
});

check('a leaked named network namespace is caught and named', alone, async () => {
  const thing = netnsThing('guard-test');
  const said = await caught(
    () => run('ip netns add guard-test'),
    () => undo(thing),
  );
  expect(said).toEqual(['mount /run/netns/guard-test appeared', 'netns guard-test appeared']);
});

check(
  'a leaked firewall rule is caught and named',
  { guard: false, needs: ['root', 'nftables'] },
  async () => {
    run('nft add table inet guard-test; nft add chain inet guard-test input');
    const said = await caught(
      () => run('nft add rule inet guard-test input tcp dport 7 counter drop'),
      () => run('nft flush chain inet guard-test input'),
    );
    run('nft delete table inet guard-test');
    expect(said).toEqual(['firewall rule inet guard-test input #1 appeared']);
  },
);

check(
  'a leaked loop device is caught and named',
  { guard: false, needs: ['root', 'loop', 'tool:losetup'] },
  async ({ scratch }) => {
    const image = join(await scratch(), 'image');
    writeFileSync(image, Buffer.alloc(1 << 20));
    let device = '';
    const said = await caught(
      () => (device = run(`losetup --find --show ${image}`)),
      () => run(`losetup --detach ${device}`),
    );
    expect(said).toEqual([`loop ${device} appeared`]);
  },
);

check('a folder left in /dev is caught and named', alone, async () => {
  const folder = '/dev/slipway-guard-test';
  const said = await caught(
    () => run(`mkdir ${folder}`),
    () => run(`rmdir ${folder}`),
  );
  expect(said).toEqual([`device ${folder} appeared`]);
});

check('a changed sysctl is caught with both values', alone, async () => {
  const file = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
  const previous = readFileSync(file, 'utf8').trim();
  const said = await caught(
    () => writeFileSync(file, '1000'),
    () => writeFileSync(file, previous),
  );
  const name = 'net.ipv4.ip_unprivileged_port_start';
  expect(said).toEqual([`sysctl ${name} changed: ${previous} → 1000`]);
});

check('a leaked System V queue is caught and named', alone, async () => {
  let id = '';
  const said = await caught(
    () => (id = /\d+$/.exec(run('ipcmk -Q'))?.[0] ?? ''),
    () => run(`ipcrm -q ${id}`),
  );
  expect(said).toEqual([`ipc msg ${id} appeared`]);
});

test('a leaked child is caught and named', async () => {
  const before = await snapshot();
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const said = (await changesSince(before, { patienceMs: 0 })).map(sentence);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(said).toEqual([`process ${child.pid} (sleep) appeared`]);
  expect((await changesSince(before)).map(sentence)).toEqual([]);
});

test('a daemon that left its parent is known by the mark it inherited', async () => {
  const before = await snapshot();
  const pid = Number(run('setsid sleep 1000 >/dev/null 2>&1 & echo $!'));
  // On a busy machine it is setsid for a while yet.
  await expect.poll(() => readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('sleep\n');
  const said = (await changesSince(before, { patienceMs: 0 })).map(sentence);
  const started = readProcess(pid)?.started ?? 0;
  await endAll([{ pid, started }]);
  expect(said).toEqual([`process ${pid} (sleep) appeared`]);
});

test('a zombie that nobody waits for is caught, and called one', async () => {
  const before = await snapshot();
  // The shell starts a child and becomes a program that never waits for it.
  const parent = spawn('bash', ['-c', 'sleep 0.1 & exec sleep 1000'], { stdio: 'ignore' });
  try {
    await expect
      .poll(async () => (await changesSince(before, { patienceMs: 0 })).map(sentence).join('\n'))
      .toMatch(/process \d+ \(sleep\), a zombie appeared/);
  } finally {
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  }
  expect((await changesSince(before)).map(sentence)).toEqual([]);
});

check('a network namespace that a leftover process holds is named', alone, async () => {
  const before = await snapshot();
  const child = spawn('unshare', ['--net', 'sleep', '1000'], { stdio: 'ignore' });
  try {
    await expect
      .poll(async () => (await changesSince(before, { patienceMs: 0 })).map(sentence).join('\n'))
      .toMatch(new RegExp(`netns net:\\[\\d+\\] held by process ${child.pid} appeared`));
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

check('a control group that holds only others is not blamed on us', alone, async () => {
  const root = controllerWorld('pids')?.mountPoint ?? '/sys/fs/cgroup';
  const group = join(root, 'guard-test-foreign');
  const before = await snapshot();
  mkdirSync(group);
  // Without our environment and without us as its parent, nothing ties this process to us.
  const pid = Number(run('setsid env -i /bin/sleep 1000 >/dev/null 2>&1 & echo $!'));
  const started = readProcess(pid)?.started ?? 0;
  await expect.poll(() => readProcess(pid)?.name).toBe('sleep');
  writeFileSync(join(group, 'cgroup.procs'), String(pid));
  const said = await changesSince(before, { patienceMs: 0 });
  await endAll([{ pid, started }]);
  const empty = await changesSince(before, { patienceMs: 0 });
  await expect.poll(() => removed(group)).toBe(true);
  expect(said).toEqual([]);
  expect(empty.map(sentence)).toEqual([`cgroup ${group} appeared`]);
});

function removed(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}

check('what we recorded in the ledger is ours even in a manager’s folder', alone, async () => {
  const before = await snapshot();
  const folder = join('/run/user', 'guard-test');
  run(`mkdir -p ${folder}; mount -t tmpfs leak ${folder}`);
  const unclaimed = await changesSince(before, { patienceMs: 0 });
  const id = record({ kind: 'mount', target: folder, depth: 0 });
  const claimed = differences(before, await snapshot());
  run(`umount ${folder}; rmdir ${folder}`);
  settle(id);
  expect(unclaimed).toEqual([]);
  expect(claimed.map(sentence)).toEqual([`mount ${folder} appeared`]);
});

test('a body that leaks and throws reports its own error first, then the leak', async () => {
  const child: { pid?: number | undefined; kill?: () => void } = {};
  const leaking = async (): Promise<void> => {
    const sleeper = spawn('sleep', ['1000'], { stdio: 'ignore' });
    await once(sleeper, 'spawn');
    Object.assign(child, { pid: sleeper.pid, kill: () => sleeper.kill('SIGKILL') });
    throw new Error('the body failed');
  };
  const failure = underGuard(leaking, { patienceMs: 0 });
  await expect(failure).rejects.toThrow(
    /^the body failed\nand the host was left changed: process \d+ \(sleep\)$/,
  );
  child.kill?.();
});
