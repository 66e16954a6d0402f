import {
  array,
  assert,
  integer,
  oneof,
  property,
  record,
  string,
  stringMatching,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ControlGroupError } from '../group/errors.ts';
import { deviceMappings, limitsFrom, type LimitFlags } from './limit-options.ts';
import type { Limits } from '../limits/limits.ts';
import type { Device, Machine } from './machine.ts';

const devices: Readonly<Record<string, Device>> = {
  '/dev/sda': { type: 'b', major: 8, minor: 0 },
  '/dev/null': { type: 'c', major: 1, minor: 3 },
};

const machine: Machine = {
  cpus: [0, 1],
  memoryNodes: [0],
  countsSwap: true,
  deviceAt: path => devices[path],
};

const limits = (flags: LimitFlags): Limits => limitsFrom(flags, machine);

const refusal = (flags: LimitFlags): string => {
  try {
    limits(flags);
  } catch (error) {
    if (error instanceof ControlGroupError && error.code === 'OPTION')
      return error.message;
    throw error;
  }
  return 'accepted';
};

describe('what is asked for becomes limits', () => {
  test('nothing asked, nothing limited', () => {
    expect(limits({})).toEqual({});
  });

  test('a fifth of a processor is a quota of a fifth of the period', () => {
    expect(limits({ cpus: '0.2' })).toEqual({
      cpuQuotaUs: 20_000,
      cpuPeriodUs: 100_000,
    });
    expect(limits({ cpus: '.5' })).toEqual({
      cpuQuotaUs: 50_000,
      cpuPeriodUs: 100_000,
    });
  });

  test('every --cpus that the machine has gives a quota that the kernel takes', () => {
    const cpus = integer({ min: 1, max: 200 }).map(hundredths => hundredths / 100);
    assert(
      property(cpus, number => {
        const { cpuQuotaUs = 0 } = limits({ cpus: String(number) });
        expect(cpuQuotaUs).toBeGreaterThanOrEqual(1000);
        expect(cpuQuotaUs / 100_000).toBeCloseTo(number, 5);
      }),
    );
  });

  test('memory brings as much swap, unless swap is given or not counted', () => {
    const memory = 64 * 2 ** 20;
    expect(limits({ memory: '64m' })).toEqual({
      memoryBytes: memory,
      memorySwapBytes: 2 * memory,
    });
    expect(limits({ memory: '64m', memorySwap: '-1' }).memorySwapBytes).toBe(-1);
    expect(limits({ memory: '-1' }).memorySwapBytes).toBe(-1);
    const without = { ...machine, countsSwap: false };
    expect(limitsFrom({ memory: '64m' }, without)).toEqual({ memoryBytes: memory });
  });

  test('no limit on processes can be said in two ways, as in Docker', () => {
    expect(limits({ pids: '-1' }).pids).toBe(-1);
    expect(limits({ pids: '0' }).pids).toBe(-1);
    expect(limits({ pids: '20' }).pids).toBe(20);
  });

  test('disks are named by path and become numbers', () => {
    const device = { major: 8, minor: 0 };
    expect(
      limits({
        deviceWriteBps: ['/dev/sda:1mb'],
        deviceReadIops: ['/dev/sda:100'],
        deviceReadBps: ['/dev/sda:0'],
      }),
    ).toEqual({
      writeBytes: [{ device, perSecond: 1_048_576 }],
      readOperations: [{ device, perSecond: 100 }],
      readBytes: [{ device, perSecond: -1 }],
    });
  });

  test('a device is mapped, and the group may open it', () => {
    const flags = { device: ['/dev/null:/dev/nothing:rw', '/dev/sda'] };
    const mappings = deviceMappings(flags, machine);
    expect(mappings.map(({ onHost, inside }) => [onHost, inside])).toEqual([
      ['/dev/null', '/dev/nothing'],
      ['/dev/sda', '/dev/sda'],
    ]);
    expect(limits(flags).devices).toEqual([
      { allow: true, type: 'c', major: 1, minor: 3, access: 'rw' },
      { allow: true, type: 'b', major: 8, minor: 0, access: 'rwm' },
    ]);
  });

  test('a rule may leave numbers open', () => {
    expect(limits({ deviceCgroupRule: ['c 4:* r'] }).devices).toEqual([
      { allow: true, type: 'c', major: 4, minor: undefined, access: 'r' },
    ]);
  });
});

test('what is wrong is refused with the flag, the value and what is allowed', () => {
  const wrong: LimitFlags[] = [
    { memory: '3q' },
    { memory: '1m' },
    { memory: '-5' },
    { cpus: '-1' },
    { cpus: '3' },
    { cpus: '0' },
    { cpus: 'two' },
    { cpus: '1', cpuQuota: '20000' },
    { cpuShares: '1' },
    { cpuPeriod: '10' },
    { cpusetCpus: '0-7' },
    { cpusetCpus: 'a' },
    { cpusetMems: '1' },
    { memorySwap: '1g' },
    { memory: '64m', memorySwap: '32m' },
    { memory: '64m', memoryReservation: '128m' },
    { pids: '-2' },
    { pids: 'many' },
    { blkioWeight: '5' },
    { deviceWriteBps: ['/dev/sda'] },
    { deviceWriteBps: ['/dev/sda:fast'] },
    { deviceWriteBps: ['/dev/null:1mb'] },
    { deviceWriteBps: ['/dev/nosuch:1mb'] },
    { device: ['null'] },
    { device: ['/dev/null:/dev/x:/dev/y:rw'] },
    { device: ['/dev/null:/dev/x:rwx'] },
    { deviceCgroupRule: ['c 1:3'] },
    { deviceCgroupRule: ['a 1:3 r'] },
  ];
  expect(wrong.map(refusal).join('\n')).toMatchInlineSnapshot(`
    "--memory 3q: "3q" is not a size: write a number and b, k, m, g or t, as in 512k, 64m, 1.5g, or -1 for no limit
    --memory 1m is refused: write at least 6m
    --memory -5: "-5" is not a size: write a number and b, k, m, g or t, as in 512k, 64m, 1.5g, or -1 for no limit
    --cpus -1 is refused: write a number from 0.01 to 2 (this machine has 2)
    --cpus 3 is refused: write a number from 0.01 to 2 (this machine has 2)
    --cpus 0 is refused: write a number from 0.01 to 2 (this machine has 2)
    --cpus two is refused: write a number from 0.01 to 2 (this machine has 2)
    --cpus 1 is refused: it stands for --cpu-quota and --cpu-period: give one
    --cpu-shares 1 is refused: write a whole number from 2 to 262144, or 0
    --cpu-period 10 is refused: write a whole number from 1000 to 1000000
    --cpuset-cpus 0-7 is refused: there is no processor 2, only 0-1
    --cpuset-cpus a: "a" is not a list of numbers: write 0-1,3 for 0, 1 and 3
    --cpuset-mems 1 is refused: there is no node 1, only 0
    --memory-swap 1g is refused: give --memory too
    --memory-swap 32m is refused: it counts memory too: at least --memory
    --memory-reservation 128m is refused: at most what --memory says
    --pids -2 is refused: write a whole number from 1 to 4194304, or -1 or 0
    --pids many is refused: write a whole number from 1 to 4194304, or -1 or 0
    --blkio-weight 5 is refused: write a whole number from 10 to 1000
    --device-write-bps /dev/sda is refused: write DISK:RATE, as in /dev/sda:1mb (0 is no limit)
    --device-write-bps /dev/sda:fast is refused: write DISK:RATE, as in /dev/sda:1mb (0 is no limit)
    --device-write-bps /dev/null:1mb is refused: /dev/null is not a block device
    --device-write-bps /dev/nosuch:1mb is refused: there is no device /dev/nosuch on this machine
    --device null is refused: write /dev/HOST[:/dev/INSIDE][:rwm]
    --device /dev/null:/dev/x:/dev/y:rw is refused: write /dev/HOST[:/dev/INSIDE][:rwm]
    --device /dev/null:/dev/x:rwx is refused: write /dev/HOST[:/dev/INSIDE][:rwm]
    --device-cgroup-rule c 1:3 is refused: write TYPE MAJOR:MINOR ACCESS, as in "c 1:3 rwm" or "b 8:* r"
    --device-cgroup-rule a 1:3 r is refused: for all devices write "a *:* rwm""
  `);
});

test('whatever the text of a flag, it becomes a limit or is refused, never something else', () => {
  const flags = record(
    {
      cpus: string(),
      memory: oneof(string(), stringMatching(/^-?[0-9]{0,6}[kmg]?$/)),
      memorySwap: stringMatching(/^-?[0-9]{0,6}[kmg]?$/),
      cpusetCpus: stringMatching(/^[0-9,-]{0,6}$/),
      pids: oneof(string(), integer().map(String)),
      cpuShares: integer().map(String),
      deviceWriteBps: array(string(), { maxLength: 2 }),
      device: array(stringMatching(/^[/a-z:rwm]{0,20}$/), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  const sound = (one: LimitFlags): boolean => /^(accepted|--.*)/.test(refusal(one));
  assert(property(flags, sound));
  expect(sound({ cpus: '1' })).toBe(true);
});
