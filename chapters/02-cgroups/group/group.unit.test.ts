import { describe, expect, test } from 'vitest';
import { createGroup, openGroup } from './control-groups.ts';
import { controlGroupsOn } from './machine.ts';
import type { ControlGroups } from './machine.ts';
import { ControlGroupError } from './errors.ts';
import type { Limits } from '../limits/limits.ts';
import { RecordedHost } from '../recordings/recorded-host.ts';
import type { RecordingName } from '../recordings/recording.ts';

interface Recorded {
  readonly host: RecordedHost;
  readonly machine: ControlGroups;
}

function recorded(name: RecordingName): Recorded {
  const host = new RecordedHost(name);
  return { host, machine: controlGroupsOn(host) };
}

const worlds: readonly RecordingName[] = [
  'v1-one-each',
  'v1-co-mounted',
  'v2-debian-12',
];

const limits: Limits = {
  cpuQuotaUs: 20_000,
  cpuPeriodUs: 100_000,
  cpuShares: 512,
  cpusetCpus: '1',
  memoryBytes: 64 * 2 ** 20,
  memorySwapBytes: 128 * 2 ** 20,
  memoryReservationBytes: 32 * 2 ** 20,
  pids: 20,
  writeBytes: [{ device: { major: 8, minor: 0 }, perSecond: 2 ** 20 }],
};

async function failureOf(promise: Promise<unknown>): Promise<ControlGroupError> {
  const outcome = await promise.then(
    () => 'no error',
    (error: unknown) => error,
  );
  if (outcome instanceof ControlGroupError) return outcome;
  throw new Error(`expected a ControlGroupError, got ${String(outcome)}`);
}

/** Every directory named slipway or below one. */
function leftOn({ host, machine }: Recorded): string[] {
  const tops = machine.hierarchies.all.map(({ mountPoint }) => mountPoint);
  return tops.filter(top => host.directoriesIn(top).includes('slipway'));
}

describe.each(worlds)('on %s', name => {
  test('a group has its limits, a process enters, the counters are read', async () => {
    const { host, machine } = recorded(name);
    await using group = await createGroup(machine, { name: 'box', limits });
    host.bear(77);
    await group.attach(77);
    expect(group.processes()).toEqual([77]);
    expect(group.events()).toMatchObject({
      populated: true,
      frozen: false,
      oomKills: 0,
    });
    const { cpu, memory, pids, io } = group.stats();
    expect(cpu).toMatchObject({ usageUs: 0, throttledUs: 0, limitCpus: 0.2 });
    expect(memory).toMatchObject({
      usageBytes: 0,
      limitBytes: 64 * 2 ** 20,
      oomKills: 0,
    });
    expect(memory?.swapLimitBytes).toBe(64 * 2 ** 20);
    expect(pids).toMatchObject({ current: 0, limit: 20, refused: 0 });
    expect(io).toEqual([]);
  });

  test('what is left in it is ended, and nothing stays behind', async () => {
    const machine = recorded(name);
    {
      await using group = await createGroup(machine.machine, { name: 'box', limits });
      machine.host.bear(77);
      await group.attach(77);
    }
    expect(machine.host.isAlive(77)).toBe(false);
    expect(leftOn(machine)).toEqual([]);
  });

  test('groups made inside the group, by what runs in it, go with it', async () => {
    const machine = recorded(name);
    {
      await using group = await createGroup(machine.machine, { name: 'box' });
      const inner = `${group.directoryOf('memory')}/inner`;
      machine.host.makeDirectory(inner);
      machine.host.makeDirectory(`${inner}/deeper`);
      machine.host.bear(78);
      machine.host.write(`${inner}/deeper/cgroup.procs`, '78');
      expect(group.processes()).toEqual([78]);
    }
    expect(leftOn(machine)).toEqual([]);
  });

  test('the home stays as long as another group is in it', async () => {
    const machine = recorded(name);
    await using one = await createGroup(machine.machine, { name: 'one' });
    const two = await createGroup(machine.machine, { name: 'two' });
    await two.remove();
    expect(machine.host.has(one.directoryOf('memory') ?? '')).toBe(true);
  });

  test('a group is found again by its name, and not when it is gone', async () => {
    const { machine } = recorded(name);
    const group = await createGroup(machine, { name: 'box', limits });
    expect(openGroup(machine, { name: 'box' }).directories).toEqual(group.directories);
    await group.remove();
    expect(() => openGroup(machine, { name: 'box' })).toThrow(
      'there is no control group',
    );
  });

  test('a name that is taken is refused, its group is not touched', async () => {
    const machine = recorded(name);
    await using first = await createGroup(machine.machine, { name: 'box', limits });
    const error = await failureOf(createGroup(machine.machine, { name: 'box' }));
    expect(error).toMatchObject({ code: 'EXISTS' });
    expect(first.stats().pids?.limit).toBe(20);
  });

  test('a limit that the kernel accepts and does not keep is an error', async () => {
    const { host, machine } = recorded(name);
    await using group = await createGroup(machine, { name: 'box' });
    host.ignored.add(`${group.directoryOf('pids')}/pids.max`);
    expect(() => group.set({ pids: 5 })).toThrow(
      expect.objectContaining({
        code: 'NOT_TAKEN',
        message: expect.stringContaining('pids'),
      }),
    );
  });

  test('a group that cannot have its limits is not left behind', async () => {
    const machine = recorded(name);
    const wish = { name: 'box', limits: { ...limits, cpusetCpus: '7' } };
    const error = await failureOf(createGroup(machine.machine, wish));
    expect(error).toMatchObject({ code: 'REFUSED' });
    expect(error.message).toMatch(
      /cpuset\.cpus: E(INVAL|RANGE): .*processor|have them/,
    );
    expect(leftOn(machine)).toEqual([]);
  });

  test('of an update that fails in the middle nothing stays in force', async () => {
    const { machine } = recorded(name);
    await using group = await createGroup(machine, { name: 'box', limits });
    const unknown = [{ device: { major: 9, minor: 9 }, perSecond: 1 }];
    const wish = {
      cpuQuotaUs: 50_000,
      memoryBytes: 2 ** 25,
      writeBytes: unknown,
      pids: 7,
    };
    expect(() => group.set(wish)).toThrow('there is no whole disk 9:9');
    expect(group.stats().cpu?.limitCpus).toBe(0.2);
    expect(group.stats().memory?.limitBytes).toBe(64 * 2 ** 20);
    expect(group.stats().pids?.limit).toBe(20);
  });

  test('rmdir that answers EBUSY for a while is tried again', async () => {
    const machine = recorded(name);
    const group = await createGroup(machine.machine, { name: 'box' });
    const directory = group.directoryOf('memory') ?? '';
    machine.host.failures.set(
      directory,
      Array.from({ length: 12 }, () => 'EBUSY'),
    );
    await group.remove();
    expect(leftOn(machine)).toEqual([]);
    expect(machine.host.pausedMs).toBeGreaterThan(500);
  });

  test('a group with a process is not removed, the process is named', async () => {
    const { host, machine } = recorded(name);
    await using group = await createGroup(machine, { name: 'box' });
    host.bear(77);
    await group.attach(77);
    const error = await failureOf(group.remove());
    expect(error).toMatchObject({ code: 'BUSY' });
    expect(error.message).toContain('end what is in it first: 77');
  });

  test('a frozen group is killed all the same', async () => {
    const { host, machine } = recorded(name);
    await using group = await createGroup(machine, { name: 'box' });
    host.bear(77);
    await group.attach(77);
    await group.freeze();
    expect(group.events().frozen).toBe(true);
    await group.kill();
    expect(host.isAlive(77)).toBe(false);
  });

  test('a killed group takes nobody in', async () => {
    const { host, machine } = recorded(name);
    await using group = await createGroup(machine, { name: 'box' });
    await group.kill();
    host.bear(77);
    expect(await failureOf(group.attach(77))).toMatchObject({ code: 'GONE' });
  });

  test('a process being born is tried again, one gone is reported', async () => {
    const { host, machine } = recorded(name);
    await using group = await createGroup(machine, { name: 'box' });
    host.bear(77);
    host.failures.set(`${group.directoryOf('memory')}/cgroup.procs`, [
      'EINVAL',
      'EINVAL',
    ]);
    await group.attach(77);
    expect(group.processes()).toEqual([77]);
    expect((await failureOf(group.attach(78))).message).toContain(
      'there is no such process',
    );
  });

  test('-1 takes every limit away again', async () => {
    const { machine } = recorded(name);
    await using group = await createGroup(machine, { name: 'box', limits });
    const writeBytes = [{ device: { major: 8, minor: 0 }, perSecond: -1 }];
    group.set({
      cpuQuotaUs: -1,
      memoryBytes: -1,
      memorySwapBytes: -1,
      pids: -1,
      writeBytes,
    });
    const { cpu, memory, pids } = group.stats();
    expect(cpu?.limitCpus).toBeUndefined();
    expect(memory?.limitBytes).toBeUndefined();
    expect(pids?.limit).toBeUndefined();
  });

  test.each([
    ['raising', 256, 512],
    ['lowering', 8, 16],
    ['raising memory to above what both were', 160, 160],
  ])('%s memory and swap works at every moment', async (_, memory, both) => {
    const { machine } = recorded(name);
    await using group = await createGroup(machine, { name: 'box', limits });
    group.set({ memoryBytes: memory * 2 ** 20, memorySwapBytes: both * 2 ** 20 });
    expect(group.stats().memory).toMatchObject({
      limitBytes: memory * 2 ** 20,
      swapLimitBytes: (both - memory) * 2 ** 20,
    });
  });

  test.each(['', '..', 'a/b', 'memory.max', '-x', 'x'.repeat(200)])(
    'the name %j is refused',
    async bad => {
      const { machine } = recorded(name);
      expect(await failureOf(createGroup(machine, { name: bad }))).toMatchObject({
        code: 'OPTION',
      });
    },
  );
});

describe('the writes, in order', () => {
  test.each(worlds)('on %s', async name => {
    const { host, machine } = recorded(name);
    await using group = await createGroup(machine, { name: 'box', limits });
    expect(group.directories.length).toBeGreaterThan(0);
    expect(host.writes.join('\n')).toMatchSnapshot();
  });
});

test('who makes many groups keeps their home, and may have fewer controllers', async () => {
  const host = new RecordedHost('v1-one-each');
  const machine = controlGroupsOn(host, true);
  const group = await createGroup(machine, {
    name: 'box',
    limits: { pids: 5 },
    controllers: ['memory'],
  });
  expect(group.directories).toEqual([
    '/sys/fs/cgroup/memory/slipway/box',
    '/sys/fs/cgroup/pids/slipway/box',
    '/sys/fs/cgroup/unified/slipway/box',
  ]);
  await group.remove();
  expect(host.has('/sys/fs/cgroup/memory/slipway')).toBe(true);
});

test('a home that another process takes away meanwhile is made again', async () => {
  const host = new RecordedHost('v2-debian-12');
  host.failures.set('/sys/fs/cgroup/slipway/box', ['ENOENT', 'ENOENT', 'ENOENT']);
  await using group = await createGroup(controlGroupsOn(host), { name: 'box' });
  expect(group.directories).toEqual(['/sys/fs/cgroup/slipway/box']);
});
