/** The life of a container under the native driver: starts, refusals, a second process, its end. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { openInRoot, type KeptChild } from '@slipway/native';
import type { SpecProcess } from '../../libcontainer/spec.ts';
import { usualCapabilities } from '../../libcontainer/usual-spec.fixture.ts';
import { StartFailure } from '../start-failure.ts';
import { container, ran, type Started, type Wishes } from './container.fixture.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;

const sleeping = (context: CheckContext, wishes: Wishes = {}): Promise<Started> =>
  container(context, ['sleep', '1000'], wishes);

check('an end is told: by itself, by a signal, by the memory limit', { needs }, async context => {
  expect(await ran(context, 'exit 42')).toMatchObject({ exitCode: 42, oomKilled: false });
  await using killed = await sleeping(context);
  expect(await killed.running.kill(9)).toBe(true);
  expect(await killed.running.ended).toMatchObject({ exitCode: 137, oomKilled: false });
  expect([killed.running.pid, await killed.running.kill(9)]).toEqual([0, false]);
  const resources = { memory: { limit: 16 << 20, swap: 16 << 20 } };
  const full = await ran(context, 'x=$(yes | head -c 64000000); echo survived', {
    spec: usual => ({ ...usual, linux: { ...usual.linux, resources } }),
  });
  expect(full).toMatchObject({ exitCode: 137, oomKilled: true, output: '' });
});

check('memory that is short is told while the rest goes on', { needs }, async context => {
  const resources = { memory: { limit: 16 << 20, swap: 16 << 20 } };
  const script = 'sleep 0.2; (x=$(yes | head -c 64000000)); sleep 1000';
  await using one = await container(context, ['sh', '-c', script], {
    spec: usual => ({ ...usual, linux: { ...usual.linux, resources } }),
  });
  await new Promise<void>(resolve => one.running.onShortage(resolve));
  expect(one.running.pid).toBeGreaterThan(0);
});

const v1 = { needs: [...needs, 'cgroup-v1:memory'] } as const;

check('so is one that waits for memory because nobody is to be killed', v1, async context => {
  const memory = { limit: 16 << 20, swap: 16 << 20, disableOOMKiller: true };
  const script = 'sleep 0.2; x=$(yes | head -c 64000000); echo survived';
  await using one = await container(context, ['sh', '-c', script], {
    spec: usual => ({ ...usual, linux: { ...usual.linux, resources: { memory } } }),
  });
  await new Promise<void>(resolve => one.running.onShortage(resolve));
  expect(await one.running.kill(9)).toBe(true);
  expect(await one.running.ended).toMatchObject({ exitCode: 137, oomKilled: false });
});

const shown = async (start: Promise<unknown>): Promise<readonly unknown[]> => {
  try {
    await start;
  } catch (error) {
    if (error instanceof StartFailure) return [error.code, error.exitCode, error.message];
    throw error;
  }
  throw new Error('it was not refused');
};

check(
  "what cannot be run is refused in Docker's words, and leaves nothing",
  { needs },
  async context => {
    const refused = async (argv: readonly string[], wishes: Wishes = {}): Promise<unknown> =>
      shown(container(context, argv, wishes));
    const prepare = (rootfs: string): void => {
      mkdirSync(`${rootfs}/folder`, { recursive: true });
      writeFileSync(`${rootfs}/text`, 'no program\n', { mode: 0o755 });
      writeFileSync(`${rootfs}/data`, 'no program\n', { mode: 0o644 });
      writeFileSync(`${rootfs}/script`, '#!/no/interpreter\n', { mode: 0o755 });
    };
    expect([
      await refused(['nosuch']),
      await refused(['/no/such/path']),
      await refused(['/folder'], { prepare }),
      await refused(['/data'], { prepare }),
      await refused(['/text'], { prepare }),
      await refused(['/script'], { prepare }),
      await refused(['sh'], { process: { cwd: '/data' }, prepare }),
      await refused(['sh'], { spec: usual => ({ ...usual, hostname: 'x'.repeat(80) }) }),
    ]).toMatchInlineSnapshot(`
      [
        [
          "INVALID",
          127,
          "exec: "nosuch": executable file not found in $PATH",
        ],
        [
          "INVALID",
          127,
          "exec: "/no/such/path": stat /no/such/path: no such file or directory",
        ],
        [
          "INVALID",
          126,
          "exec: "/folder": is a directory",
        ],
        [
          "INVALID",
          126,
          "exec: "/data": permission denied",
        ],
        [
          "INVALID",
          126,
          "exec /text: exec format error",
        ],
        [
          "INVALID",
          127,
          "exec /script: no such file or directory",
        ],
        [
          "INVALID",
          128,
          "chdir to cwd ("/data") set in config.json failed: not a directory",
        ],
        [
          "INVALID",
          128,
          "sethostname: invalid argument",
        ],
      ]
    `);
  },
);

/** Runs `argv` beside the container; what it wrote is read from the log of a file of its own. */
async function beside(
  { running, folder }: Started,
  argv: readonly string[],
  process: Partial<SpecProcess> = {},
): Promise<{ readonly child: KeptChild }> {
  const names = usualCapabilities;
  const child = await running.exec({
    id: `exec-${folder.length}-${Math.random()}`,
    stdin: false,
    process: {
      args: argv,
      env: ['PATH=/bin'],
      cwd: '/',
      user: { uid: 0, gid: 0 },
      capabilities: { bounding: names, effective: names, permitted: names },
      ...process,
    },
  });
  return { child };
}

const same = `for n in mnt pid net ipc uts cgroup; do
  [ $(readlink /proc/1/ns/$n) = $(readlink /proc/self/ns/$n) ] || echo other $n; done
  cmp /proc/1/cgroup /proc/self/cgroup`;
const rights = 'grep -E "^(CapEff|Seccomp):" /proc/self/status | cut -f2; pwd; id -u';

check(
  'a second process is in the same namespaces and groups, with rights of its own',
  { needs },
  async context => {
    await using started = await sleeping(context);
    const script = `(${same}; ${rights}) >/tmp/out 2>&1; exit 7`;
    const process = { cwd: '/tmp', user: { uid: 1000, gid: 1000 }, capabilities: {} };
    const { child } = await beside(started, ['sh', '-c', script]);
    expect((await child.wait()).status).toEqual({ code: 7 });
    const asUser = `(${rights}) >/tmp/user 2>&1`;
    const other = await beside(started, ['sh', '-c', asUser], process);
    await other.child.wait();
    const { child: reader } = await beside(started, [
      ...['sh', '-c', 'cat /tmp/out /tmp/user >/proc/1/root/tmp/all; cp /tmp/all /all'],
    ]);
    await reader.wait();
    using root = await started.running.root();
    using file = openInRoot(root.descriptor, '/all');
    expect(readFileSync(`/proc/self/fd/${file.descriptor}`, 'utf8')).toBe(
      '00000000a80425fb\n2\n/\n0\n0000000000000000\n2\n/tmp\n1000\n',
    );
    expect(started.running.processes()).toHaveLength(1);
  },
);

check('many short ones at a time each tell their own end', { needs }, async context => {
  await using started = await sleeping(context);
  const codes = Array.from({ length: 40 }, (_, index) => index);
  const ends = await Promise.all(
    codes.map(async code => {
      const { child } = await beside(started, ['sh', '-c', `exit ${code}`]);
      return (await child.wait()).status;
    }),
  );
  expect(ends).toEqual(codes.map(code => ({ code })));
});

check(
  'a second process that cannot be run is refused; the container goes on',
  { needs },
  async context => {
    await using started = await sleeping(context);
    expect([
      await shown(beside(started, ['nosuch'])),
      await shown(beside(started, ['/tmp'])),
      await shown(beside(started, ['true'], { cwd: '/nowhere' })),
    ]).toMatchInlineSnapshot(`
      [
        [
          "INVALID",
          127,
          "exec: "nosuch": executable file not found in $PATH",
        ],
        [
          "INVALID",
          126,
          "exec: "/tmp": is a directory",
        ],
        [
          "INVALID",
          128,
          "chdir to cwd ("/nowhere") set in config.json failed: no such file or directory",
        ],
      ]
    `);
    expect(started.running.pid).toBeGreaterThan(0);
  },
);

check(
  'paused it stands still and takes nobody in; a killed one is thawed to end',
  { needs },
  async context => {
    const script = 'n=0; while :; do n=$((n+1)); echo $n >/count; done';
    await using started = await container(context, ['sh', '-c', script]);
    const { running } = started;
    await pause(50);
    await running.pause();
    await expect(beside(started, ['true'])).rejects.toThrow(
      'is paused, unpause the container before exec',
    );
    const before = running.stats().cpu?.usageUs;
    await pause(100);
    expect(running.stats().cpu?.usageUs).toBe(before);
    await running.resume();
    await pause(50);
    expect(running.stats().cpu?.usageUs).toBeGreaterThan(before ?? 0);
    await running.pause();
    await running.kill(9);
    expect(await running.ended).toMatchObject({ exitCode: 137 });
  },
);

check('limits change while it runs, and a wrong one is refused', { needs }, async context => {
  await using started = await sleeping(context);
  const { running } = started;
  running.update({ memory: { limit: 32 << 20 }, pids: { limit: 50 }, cpu: { shares: 512 } });
  const { memory, pids } = running.stats();
  expect([memory?.limitBytes, pids?.limit]).toEqual([32 << 20, 50]);
  expect(() => running.update({ cpu: { cpus: '4000' } })).toThrow(/cpusetCpus/);
});

check(
  'its files are reached from outside, as it sees them and as they lie there',
  { needs },
  async context => {
    await using started = await container(context, [
      'sh',
      '-c',
      'echo a >/x; echo b >/tmp/y; sleep 9',
    ]);
    const { running } = started;
    await pause(100);
    using inside = running.inside();
    using seen = openInRoot(inside?.descriptor ?? -1, '/proc/1/comm');
    using root = await running.root();
    using lying = openInRoot(root.descriptor, '/x');
    expect([seen.descriptor, lying.descriptor].every(one => one > 0)).toBe(true);
    await running.kill(9);
    await running.ended;
    expect(running.inside()).toBeUndefined();
    using afterwards = await running.root();
    using still = openInRoot(afterwards.descriptor, '/tmp/y');
    expect(still.descriptor).toBeGreaterThan(0);
  },
);

check(
  'the program is told with the time of each step, and can be told before',
  { needs },
  async context => {
    await using started = await sleeping(context);
    const { running, driver, spec } = started;
    const timed = running.steps().filter(({ microseconds }) => microseconds !== undefined);
    expect(timed.length).toBeGreaterThan(20);
    expect(running.steps().at(-1)?.code).toBe('execve("sleep", "1000")');
    const network = { mode: 'host' } as const;
    const told = driver.explain({ id: 'box', spec, mounts: [], network });
    expect(told.map(({ call }) => call)).toContain('pivotRoot');
  },
);
