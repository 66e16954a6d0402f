import { expect, test } from 'vitest';
import { findCommand, groupOverview, verbsOf } from '../commands.ts';
import { destination, splitPath } from './files/places.ts';
import { rowOf, sample } from './look/usage.ts';
import { grammar, parse } from '../command.ts';
import { type RunFlags, withRunFlags } from './run/flags.ts';
import { createBody } from './run/request.ts';

const body = (...words: string[]) => {
  const { options, args } = parse<RunFlags>(withRunFlags(grammar('run', '')), words, 1);
  return createBody(options, args[0] ?? '', args.slice(1), {}) as Record<string, unknown>;
};

test('a command has docker’s longer names, too', () => {
  const name = (...words: string[]) => findCommand(words)?.name;
  expect(name('container', 'ls', '-a')).toBe('ps');
  expect(name('image', 'rm', 'x')).toBe('rmi');
  expect(name('network', 'list')).toBe('network ls');
  expect(findCommand(['container', 'start', 'x'])).toMatchObject({ name: 'start', args: ['x'] });
  expect([name('network', 'nosuch'), name('toString')]).toEqual([undefined, undefined]);
  expect(verbsOf('image')).toContain('init');
  expect(groupOverview('system')).toContain('  df          Show what takes space\n');
});

test('health is asked for as docker’s options say', () => {
  expect(body('--health-cmd', 'x', '--health-interval', '1m30s', 'i')['Healthcheck']).toEqual({
    Test: ['CMD-SHELL', 'x'],
    Interval: 90e9,
  });
  expect(body('--no-healthcheck', 'i')['Healthcheck']).toEqual({ Test: ['NONE'] });
  expect(body('i')['Healthcheck']).toBeUndefined();
  expect(() => body('--no-healthcheck', '--health-retries', '3', 'i')).toThrow('conflicts with');
});

test('what follows the image belongs to the container', () => {
  expect(body('-e', 'A=1', 'i', 'sh', '-c', 'x')).toMatchObject({
    Image: 'i',
    Cmd: ['sh', '-c', 'x'],
    Env: ['A=1'],
    HostConfig: { CapAdd: null, AutoRemove: false },
  });
  expect(body('--cap-add', 'net_admin', '--cpus', '1.5', '-m', '64m', 'i')).toMatchObject({
    HostConfig: { CapAdd: ['CAP_NET_ADMIN'], NanoCpus: 15e8, Memory: 64 << 20 },
  });
});

test('a copy goes where docker would put it', () => {
  const target = (path: string, isThere: boolean, isFolder = false) => ({
    ...{ path, isThere, isFolder },
  });
  expect(destination(false, target('/a/b', false))).toEqual({ folder: '/a', name: 'b' });
  expect(destination(true, target('/a/b', true, true))).toEqual({
    folder: '/a/b',
    name: undefined,
  });
  expect(() => destination(true, target('/a', true))).toThrow('cannot copy directory');
  expect(() => destination(false, target('/a/', false))).toThrow('no such directory');
  expect([splitPath('/a/.'), splitPath('/a/b/'), splitPath('x')]).toEqual([
    { folder: '/a/', name: '.' },
    { folder: '/a', name: 'b' },
    { folder: '.', name: 'x' },
  ]);
});

test('a sample becomes shares and sizes', () => {
  const cpu = (total: number, system: number) => ({
    cpu_usage: { total_usage: total },
    ...{ system_cpu_usage: system, online_cpus: 2 },
  });
  const one = sample.parse({
    ...{ id: 'a'.repeat(64), name: '/web', cpu_stats: cpu(30, 100), precpu_stats: cpu(20, 60) },
    memory_stats: { usage: 3 << 20, limit: 10 << 20, stats: { total_inactive_file: 1 << 20 } },
    pids_stats: { current: 3 },
    networks: { eth0: { rx_bytes: 1500, tx_bytes: 20 } },
    blkio_stats: { io_service_bytes_recursive: [{ op: 'Read', value: 4096 }] },
  });
  expect(rowOf('web', one, true)).toMatchObject({
    ...{ ID: 'a'.repeat(12), Name: 'web', CPUPerc: '50.00%', MemUsage: '2MiB / 10MiB' },
    ...{ MemPerc: '20.00%', NetIO: '1.5kB / 20B', BlockIO: '4.1kB / 0B', PIDs: '3' },
  });
});
