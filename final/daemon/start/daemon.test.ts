import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { z } from 'zod';
import { ask, placesIn, runDaemon, startEngine, type TestEngine } from './engine.fixture.ts';

const slipway = join(import.meta.dirname, '../../bin/slipway.ts');
const needs = ['root', 'native', 'overlay'] as const;

check(
  'the daemon serves, and takes everything down when it is asked to end',
  { needs },
  async t => {
    const folder = await t.scratch();
    await using engine = await startEngine(folder, ['--label', 'a=b']);
    expect(ask(engine, 'slipway', ['info', '-f', '{{json .Labels}}']).stdout).toBe('["a=b"]\n');
    expect((statSync(engine.socket).mode & 0o777).toString(8)).toBe('660');
    expect((statSync(join(folder, 'data')).mode & 0o777).toString(8)).toBe('710');
    expect(readFileSync(join(folder, 'exec/slipway.pid'), 'utf8')).toBe(`${engine.pid}\n`);
    expect(await engine.end('SIGTERM')).toBe(0);
    expect([existsSync(engine.socket), existsSync(join(folder, 'exec/slipway.pid'))]).toEqual([
      false,
      false,
    ]);
  },
);

check('two daemons on one root are refused, one after a killed one is not', { needs }, async t => {
  const folder = await t.scratch();
  await using first = await startEngine(folder);
  const other = ['-H', `unix://${folder}/other.sock`, ...placesIn(folder)];
  const refused = runDaemon(other);
  expect(refused.stderr).toContain(`another daemon works on ${folder}/data`);
  expect(refused.status).toBe(1);
  await first.end('SIGKILL');
  await using again = await startEngine(folder);
  expect(ask(again, 'slipway', ['version', '-f', '{{.Server.Os}}']).stdout).toBe('linux\n');
});

check('labels are read again on SIGHUP', { needs }, async t => {
  const folder = await t.scratch();
  const file = join(folder, 'daemon.json');
  writeFileSync(file, '{"labels":["a=1"]}');
  await using engine = await startEngine(folder, ['--config-file', file]);
  writeFileSync(file, '{"labels":["a=2"]}');
  process.kill(engine.pid, 'SIGHUP');
  const labels = () => ask(engine, 'slipway', ['info', '-f', '{{json .Labels}}']).stdout;
  await expect.poll(labels, { timeout: 10_000 }).toBe('["a=2"]\n');
});

check('a container has the limits of its daemon, unless it says others', { needs }, async t => {
  const folder = await t.scratch();
  const flags = ['--default-ulimit', 'nofile=77:88', '--default-shm-size', '32m'];
  await using engine = await startEngine(folder, flags);
  const show = 'ulimit -n; ulimit -Hn; df -k /dev/shm | tail -n 1';
  const seen = (...own: string[]): readonly string[] => {
    const args = ['run', '--rm', '--network', 'none', ...own, 'busybox', 'sh', '-c', show];
    return ask(engine, 'slipway', args).stdout.split(/\s+/).slice(0, 4);
  };
  expect(seen()).toEqual(['77', '88', 'shm', '32768']);
  expect(seen('--ulimit', 'nofile=55', '--shm-size', '1m')).toEqual(['55', '55', 'shm', '1024']);
});

check(
  'the default bridge is as the flags want it, and stays as it was else',
  { needs },
  async t => {
    const folder = await t.scratch();
    const flags = ['--bip', '10.155.3.1/24', '--fixed-cidr', '10.155.3.64/30', '--mtu'];
    const mtuInside = (engine: TestEngine): string =>
      ask(engine, 'slipway', ['run', '--rm', 'busybox', 'cat', '/sys/class/net/eth0/mtu']).stdout;
    const shown = (engine: TestEngine): string =>
      ask(engine, 'slipway', ['network', 'inspect', '-f', '{{json .}}', 'bridge']).stdout;
    const ipam = z.object({ Id: z.string(), IPAM: z.looseObject({}) });
    await using first = await startEngine(folder, [...flags, '1300']);
    expect(mtuInside(first)).toBe('1300\n');
    const address = ['run', '--rm', 'busybox', 'ip', '-4', '-o', 'address', 'show', 'eth0'];
    expect(ask(first, 'slipway', address).stdout).toContain(' 10.155.3.6');
    const before = ipam.parse(JSON.parse(shown(first)));
    expect(shown(first)).toContain('"Subnet":"10.155.3.0/24"');
    await first.end('SIGTERM');
    await using second = await startEngine(folder, ['--mtu', '1280', ...flags.slice(2, 4)]);
    expect(mtuInside(second)).toBe('1280\n');
    expect(ipam.parse(JSON.parse(shown(second)))).toEqual(before);
  },
);

check('what a part refuses is named in one line, and nothing has begun', { needs }, async t => {
  const folder = await t.scratch();
  const wrong = join(folder, 'wrong.json');
  writeFileSync(wrong, '{"defaultAction":"SCMP_ACT_DANCE"}');
  const said = [
    ['--bip', 'nonsense'],
    ['--bridge', 'nosuch-link'],
    ['--bridge', 'nosuch-link', '--bip', '10.1.1.1/24'],
    ['--storage-driver', 'nosuch'],
    ['--exec-driver', 'nosuch'],
    ['--log-driver', 'nosuch'],
    ['--log-opt', 'nosuch=1'],
    ['--default-network-opt', 'bridge=com.docker.network.driver.mtu=x'],
    ['--bip', '10.1.1.1/24', '--fixed-cidr', '10.1.0.0/16'],
    ['--ipv6', '--fixed-cidr-v6', 'fd00::/100'],
    ['--seccomp-profile', '/nosuch/profile.json'],
    ['--seccomp-profile', wrong],
  ].map(flags => {
    const socket = join(folder, 'api.sock');
    const { status, stderr } = runDaemon(['-H', `unix://${socket}`, ...placesIn(folder), ...flags]);
    expect([status, existsSync(socket)]).toEqual([1, false]);
    return stderr.replaceAll(/ \/\S*/g, ' PATH');
  });
  expect(said.join('')).toMatchInlineSnapshot(`
    "slipway daemon: --bip nonsense: write the bridge's address and its subnet, as in 192.168.1.1/24
    slipway daemon: bridge device with non default name nosuch-link must be created manually
    slipway daemon: --bridge and --bip exclude each other: a bridge has its address
    slipway daemon: unknown storage driver "nosuch": there are overlay, aufs, vfs
    slipway daemon: there is no exec driver nosuch here: choose native
    slipway daemon: logger: no log driver named 'nosuch' is registered
    slipway daemon: unknown log opt 'nosuch' for json-file log driver
    slipway daemon: failed to parse com.docker.network.driver.mtu value: x (strconv.Atoi: parsing "x": invalid syntax)
    slipway daemon: --fixed-cidr 10.1.0.0/16: invalid ip-range 10.1.0.0/16: CIDR block is bigger than its parent subnet 10.1.1.0/24
    slipway daemon: --fixed-cidr-v6 fd00::/100: write a subnet of version 6, at most PATH
    slipway daemon: opening seccomp profile (/nosuch/profile.json) failed: no such file or directory
    slipway daemon: Decoding seccomp profile failed: defaultAction: Invalid option: expected one of "SCMP_ACT_KILL"|"SCMP_ACT_KILL_PROCESS"|"SCMP_ACT_KILL_THREAD"|"SCMP_ACT_TRAP"|"SCMP_ACT_ERRNO"|"SCMP_ACT_TRACE"|"SCMP_ACT_ALLOW"|"SCMP_ACT_LOG"
    "
  `);
});

check(
  'nobody gains rights, and other calls are filtered, where operators say so',
  { needs },
  async t => {
    const folder = await t.scratch();
    const profile = join(folder, 'profile.json');
    const syscalls = [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 122 }];
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls }));
    const flags = ['--no-new-privileges', '--seccomp-profile', profile];
    await using engine = await startEngine(folder, flags);
    const show = 'grep NoNewPrivs /proc/self/status; mkdir /tmp/x';
    const seen = (...own: string[]): readonly string[] => {
      const args = ['run', '--rm', '--network', 'none', ...own, 'busybox', 'sh', '-c', show];
      const { stdout, stderr } = ask(engine, 'slipway', args);
      return [stdout.trim(), stderr.trim()];
    };
    const full = "mkdir: can't create directory '/tmp/x': Disk quota exceeded";
    expect(seen()).toEqual(['NoNewPrivs:\t1', full]);
    const open = [
      '--security-opt',
      'no-new-privileges=false',
      '--security-opt',
      'seccomp=unconfined',
    ];
    expect(seen(...open)).toEqual(['NoNewPrivs:\t0', '']);
    const options = ask(engine, 'slipway', ['info', '-f', '{{json .SecurityOptions}}']).stdout;
    expect(JSON.parse(options)).toEqual([
      `name=seccomp,profile=${profile}`,
      'name=no-new-privileges',
    ]);
  },
);

check('the default bridge has addresses of version 6 where flags say so', { needs }, async t => {
  const flags = ['--ipv6', '--ip6tables', '--experimental', '--fixed-cidr-v6'];
  await using engine = await startEngine(await t.scratch(), [...flags, 'fd00:155::/64']);
  const show = ['run', '--rm', 'busybox', 'ip', '-6', '-o', 'address', 'show', 'eth0'];
  expect(ask(engine, 'slipway', show).stdout).toContain(' fd00:155::');
  const version = ['version', '-f', '{{.Server.Experimental}}'];
  expect(ask(engine, 'slipway', version).stdout).toBe('true\n');
});

check('without a default bridge who names no network has none', { needs }, async t => {
  await using engine = await startEngine(await t.scratch(), ['--bridge', 'none']);
  const links = ['busybox', 'ls', '/sys/class/net'];
  expect(ask(engine, 'slipway', ['run', '--rm', ...links]).stdout).toBe('lo\n');
  const named = ask(engine, 'slipway', ['run', '--rm', '--network', 'bridge', ...links]);
  expect(named.stderr).toContain('network bridge not found');
});

check('a trial says whether the flags are right, and starts nothing', { needs }, async t => {
  const folder = await t.scratch();
  const tried = (...more: string[]) => runDaemon([...placesIn(folder), '--validate', ...more]);
  expect(tried()).toMatchObject({ status: 0, stdout: 'configuration OK\n', stderr: '' });
  expect(tried('--mtu', 'x')).toMatchObject({ status: 1, stdout: '' });
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

check('a daemon whose log nobody reads ends when it is asked to', { needs }, async t => {
  const folder = await t.scratch();
  const socket = join(folder, 'api.sock');
  const words = ['daemon', '-H', `unix://${socket}`, ...placesIn(folder)];
  const daemon = spawn(process.execPath, [slipway, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(daemon, 'exit');
  await once(daemon.stderr, 'data');
  daemon.stderr.destroy();
  await expect.poll(() => existsSync(socket), { timeout: 10_000 }).toBe(true);
  daemon.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

check('an operator’s pools, options and init are those of who does not say', { needs }, async t => {
  const flags = [
    ...['--init', '--default-address-pool', 'base=10.156.0.0/16,size=28', '--icc=false'],
    ...['--default-network-opt', 'bridge=com.docker.network.driver.mtu=1300'],
  ];
  await using engine = await startEngine(await t.scratch(), flags);
  const say = (...words: readonly string[]): string => ask(engine, 'slipway', words).stdout;
  say('network', 'create', 'net');
  const inspect = '{{(index .IPAM.Config 0).Subnet}} {{json .Options}}';
  expect(say('network', 'inspect', '-f', inspect, 'net')).toBe(
    '10.156.0.16/28 {"com.docker.network.driver.mtu":"1300"}\n',
  );
  const icc = '{{index .Options "com.docker.network.bridge.enable_icc"}}';
  expect(say('network', 'inspect', '-f', icc, 'bridge')).toBe('false\n');
  const first = ['run', '--rm', '--network', 'none', 'busybox', 'cat', '/proc/1/comm'];
  expect(say(...first)).toBe('slipway-init\n');
  expect(say('run', '--init=false', ...first.slice(1))).toBe('cat\n');
});
