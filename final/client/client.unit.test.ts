import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { mountsOf, readMount } from './commands/run/mounts.ts';
import { portBindings } from './commands/run/ports.ts';
import { environmentOf, pairs, size } from './commands/run/values.ts';
import { exitStatusOfStart } from './failure.ts';
import { engineHost } from './host.ts';
import { nearest } from './nearest.ts';
import { table } from './output/table.ts';
import { humanAge, humanSize } from './output/units.ts';
import { demultiplex } from './streams/demultiplex.ts';

test('a port is published to one, to a range, or to a free one', () => {
  const { PortBindings } = portBindings(
    ['80', '8080:80', '127.0.0.1:53:53/udp', '[::1]:7000-7001:70-71', '9000-9009:90'],
    [],
  );
  expect(PortBindings).toEqual({
    '80/tcp': [
      { HostIp: '', HostPort: '' },
      { HostIp: '', HostPort: '8080' },
    ],
    '53/udp': [{ HostIp: '127.0.0.1', HostPort: '53' }],
    '70/tcp': [{ HostIp: '::1', HostPort: '7000' }],
    '71/tcp': [{ HostIp: '::1', HostPort: '7001' }],
    '90/tcp': [{ HostIp: '', HostPort: '9000-9009' }],
  });
});

test.each(['x', '80:x', '0', '70000', '1-2:3-5', '80/x', '1:2:3:4'])('%s is no port', wrong => {
  expect(() => portBindings([wrong], [])).toThrow(
    /^invalid (containerPort|hostPort|IP address|proto|ranges)/,
  );
});

test('mounts are written in three ways', () => {
  const mounts = mountsOf({
    volume: ['/data', 'v:/v:ro', './x:/x'],
    mount: ['type=tmpfs,dst=/t,tmpfs-size=1m', 'src=v,target=/w,readonly'].map(readMount),
    tmpfs: ['/run:size=1m,exec'],
  });
  expect(mounts).toEqual({
    Volumes: { '/data': {} },
    Binds: ['v:/v:ro', `${process.cwd()}/x:/x`],
    Mounts: [
      { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1_048_576 } },
      { Type: 'volume', Source: 'v', Target: '/w', ReadOnly: true },
    ],
    Tmpfs: { '/run': 'size=1m,exec' },
  });
  expect(() => readMount('foo=1')).toThrow("unexpected key 'foo' in 'foo=1'");
});

test('sizes, pairs and environments are read', () => {
  expect(['64m', '1.5g', '10', '-1'].map(size)).toEqual([67_108_864, 1_610_612_736, 10, -1]);
  expect(() => size('x')).toThrow("invalid size: 'x'");
  expect(pairs(['a=b=c', 'd'])).toEqual({ a: 'b=c', d: '' });
  const flags = { env: ['A=1', 'HOME', 'NOSUCH'], envFile: [] };
  expect(environmentOf(flags, { HOME: '/root' })).toEqual(['A=1', 'HOME=/root']);
});

test('the engine is the one of the flag, of the environment, or the usual one', () => {
  const name = (host: string | undefined, env: NodeJS.ProcessEnv) => engineHost({ host }, env).name;
  expect(name('tcp://a:1', { SLIPWAY_HOST: 'tcp://b:1' })).toBe('tcp://a:1');
  expect(name(undefined, { SLIPWAY_HOST: 'tcp://b:1', DOCKER_HOST: 'tcp://c:1' })).toBe(
    'tcp://b:1',
  );
  expect(name(undefined, { DOCKER_HOST: 'unix:///x' })).toBe('unix:///x');
  expect(name(undefined, {})).toBe('unix:///run/slipway.sock');
  expect(() => engineHost({ host: 'nonsense' }, {})).toThrow('nonsense');
});

test('a name that is none is answered with the nearest', () => {
  const names = ['ps', 'pull', 'run', 'images', 'inspect'];
  expect(['imgaes', 'rnu', 'pss', 'zzzzzz'].map(word => nearest(word, names))).toEqual([
    'images',
    'run',
    'ps',
    undefined,
  ]);
});

test('a start that fails has the status that shells know', () => {
  expect([
    exitStatusOfStart('exec: "x": executable file not found in $PATH'),
    exitStatusOfStart('exec: "/x": permission denied'),
    exitStatusOfStart('Conflict.'),
  ]).toEqual([127, 126, 125]);
});

test('a table is three spaces apart, and cut where the terminal ends', () => {
  const rows = [['0123456789ab', 'busybox', 'a'.repeat(30)]];
  expect(table(['ID', 'IMAGE', 'NAMES'], rows, undefined)).toBe(
    `ID             IMAGE     NAMES\n0123456789ab   busybox   ${'a'.repeat(30)}\n`,
  );
  const narrow = table(['ID', 'IMAGE', 'COMMAND', 'NAMES'], [[...(rows[0] ?? []), 'web']], 45);
  expect(narrow.split('\n')[1]).toBe('0123456789ab   busybox   aaaaaaaaaaa…   web');
  const hopeless = table(['ID', 'NAMES'], [['0123456789ab', 'a'.repeat(30)]], 20);
  expect(hopeless.split('\n')[1]).toBe(`0123456789ab   ${'a'.repeat(30)}`);
});

test('sizes and ages are docker’s', () => {
  expect([0, 999, 1982469, 5e9].map(bytes => humanSize(bytes, 3))).toEqual([
    '0B',
    '999B',
    '1.98MB',
    '5GB',
  ]);
  expect([0, 1, 59, 60, 3599, 3600, 90_000, 864_000, 1e7, 1e9].map(humanAge)).toEqual([
    'Less than a second',
    '1 second',
    '59 seconds',
    'About a minute',
    '59 minutes',
    'About an hour',
    '25 hours',
    '10 days',
    '3 months',
    '31 years',
  ]);
});

test('two outputs on one connection are told apart, however the bytes are cut', async () => {
  const frame = (stream: number, words: string) => {
    const head = Buffer.alloc(8);
    head[0] = stream;
    head.writeUInt32BE(words.length, 4);
    return Buffer.concat([head, Buffer.from(words)]);
  };
  const all = Buffer.concat([frame(1, 'hello '), frame(2, 'oh'), frame(1, ''), frame(1, 'world')]);
  const source = new PassThrough();
  const out = new PassThrough();
  const err = new PassThrough();
  const done = demultiplex(source, out, err).then(() => [out.end(), err.end()]);
  for (const byte of all) source.write(Buffer.from([byte]));
  source.end();
  await done;
  expect([await text(out), await text(err)]).toEqual(['hello world', 'oh']);
});

test('a table is not wider than a narrow terminal', () => {
  const titles = ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'];
  const cells = [
    'd4b0024f5305',
    'busybox',
    '"sleep 1000"',
    '9 seconds ago',
    'Up 8 seconds',
    '',
    'x',
  ];
  for (let width = 50; width < 120; width += 1) {
    const lines = stripVTControlCharacters(table(titles, [cells], width)).split('\n');
    expect(Math.max(...lines.map(line => line.trimEnd().length))).toBeLessThanOrEqual(width);
  }
  expect(
    stripVTControlCharacters(table(titles, [cells], 60))
      .split('\n')
      .map(line => line.trimEnd()),
  ).toMatchInlineSnapshot(`
    [
      "CONTAINER ID IMAGE   COMMAND  CREATED  STATUS    PORTS NAMES",
      "d4b0024f5305 busybox "sleep … 9 secon… Up 8 sec…       x",
      "",
    ]
  `);
});
