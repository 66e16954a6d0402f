import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCommandLine, readSettings } from './command-line.ts';
import { checkHosts, parseHost } from './hosts.ts';

function read(args: readonly string[], file?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'));
  const path = join(folder, 'daemon.json');
  writeFileSync(path, file ?? '{}');
  try {
    return readSettings(readCommandLine([...args, '--config-file', path]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('flags and file say the same in two ways', () => {
  const flags = read(
    [
      '-H tcp://127.0.0.1:1 -H unix:///x -D --bip 10.0.0.1/24 --label a=b --log-opt max-size=1m',
      '--icc=false --init --ip 127.0.0.1 --default-address-pool size=24,base=10.0.0.0/8',
      '--default-network-opt bridge=a.b=1 --default-network-opt bridge=c.d=e=f',
      '--default-ulimit nofile=8:9 --default-ulimit core=-1 --default-shm-size 1m',
      '--exec-opt native.cgroupdriver=cgroupfs --userland-proxy=false --iptables',
      '--no-new-privileges --seccomp-profile /etc/p.json --fixed-cidr 10.0.0.64/26',
    ].flatMap(line => line.split(' ')),
  );
  const file = read(
    [],
    JSON.stringify({
      hosts: ['tcp://127.0.0.1:1', 'unix:///x'],
      debug: true,
      bip: '10.0.0.1/24',
      labels: ['a=b'],
      'log-opts': { 'max-size': '1m' },
      ...{ icc: false, init: true, ip: '127.0.0.1' },
      'default-address-pools': [{ base: '10.0.0.0/8', size: 24 }],
      'default-network-opts': { bridge: { 'a.b': '1', 'c.d': 'e=f' } },
      'default-ulimits': {
        nofile: { Name: 'nofile', Soft: 8, Hard: 9 },
        core: { Name: 'core', Soft: -1, Hard: -1 },
      },
      'default-shm-size': 1 << 20,
      'exec-opts': ['native.cgroupdriver=cgroupfs'],
      ...{ 'userland-proxy': false, iptables: true, 'no-new-privileges': true },
      ...{ 'seccomp-profile': '/etc/p.json', 'fixed-cidr': '10.0.0.64/26' },
    }),
  );
  expect(flags).toEqual(file);
  expect(flags).toMatchObject({ debug: true, hosts: ['tcp://127.0.0.1:1', 'unix:///x'] });
});

test.each([
  [['--nosuch'], '{}', "unknown option '--nosuch'"],
  [['what'], '{}', '"what" is not expected here'],
  [['--shutdown-timeout', 'x'], '{}', '"x" is not a number'],
  [['--log-level', 'loud'], '{}', 'log-level'],
  [['--ip', 'x'], '{}', 'ip: an address is expected'],
  [['--default-address-pool', 'x'], '{}', 'default-address-pools.0'],
  [['--default-address-pool', 'base=10.0.0.0/8'], '{}', 'size: a number is expected'],
  [[], '{"default-address-pools":[{"base":"10.0.0.0/16","size":8}]}', 'size is shorter than base'],
  [['--default-network-opt', 'bridge=x'], '{}', 'DRIVER=KEY=VALUE is expected'],
  [['--default-ulimit', 'nofile'], '{}', 'NAME=SOFT[:HARD] is expected'],
  [['--default-ulimit', 'nofile=9:8'], '{}', 'soft is above hard'],
  [['--default-shm-size', 'much'], '{}', 'default-shm-size: a size is expected'],
  [['--exec-opt', 'native.cgroupdriver=systemd'], '{}', 'none asks systemd for them'],
  [['--exec-opt', 'a=b'], '{}', 'the only option is native.cgroupdriver'],
  [['--seccomp-profile', 'p.json'], '{}', 'seccomp-profile: a path, builtin or unconfined'],
  [['--fixed-cidr', '10.0.0.0'], '{}', 'fixed-cidr: a subnet is expected'],
  [['--fixed-cidr-v6', '10.0.0.0/8'], '{}', 'fixed-cidr-v6: a subnet is expected'],
  [['--ip6tables=false'], '{}', 'ip6tables: without rules no port is published'],
  [['--iptables=false'], '{}', 'iptables: without rules no port is published'],
  [[], '{"userland-proxy":true}', 'userland-proxy: there is none'],
  [['--data-root', 'here'], '{}', 'data-root: must be an absolute path'],
  [[], '{"nosuch":1}', "don't match any configuration option: nosuch"],
  [[], '{"debug":"yes"}', 'debug: expected boolean'],
  [[], '{', 'is not JSON'],
  [[], '[]', 'is not an object'],
  [['-H', 'unix:///a'], '{"hosts":["unix:///b"]}', 'specified both as a flag and in the'],
])('%j with %s is refused', (args, file, why) => {
  expect(() => read(args, file)).toThrow(why);
});

test.each([
  ['unix:///run/x.sock', { kind: 'unix', path: '/run/x.sock' }],
  ['tcp://127.0.0.1:2375', { kind: 'tcp', address: '127.0.0.1', port: 2375 }],
  ['tcp://[::1]:1', { kind: 'tcp', address: '::1', port: 1 }],
  ['tcp://:5', { kind: 'tcp', address: '127.0.0.1', port: 5 }],
  ['tcp://localhost', { kind: 'tcp', address: 'localhost', port: 2375 }],
  ['fd://', { kind: 'fd', descriptor: undefined }],
  ['fd://3', { kind: 'fd', descriptor: 3 }],
])('%s is a host', (text, host) => {
  expect(parseHost(text, false)).toEqual(host);
});

test.each(['', 'unix://x', 'http://x', 'tcp://a:99999', 'tcp://a:b', 'fd://1', '/run/x.sock'])(
  '%j is none',
  text => {
    expect(() => parseHost(text, false)).toThrow('invalid -H');
  },
);

test('plain TCP that others reach must be meant', () => {
  const open = [parseHost('tcp://0.0.0.0:2375', false)];
  expect(() => checkHosts(open, read([]))).toThrow('without TLS');
  expect(() => checkHosts(open, read(['--tls=false']))).not.toThrow();
  expect(() => checkHosts(open, read(['--tlsverify']))).not.toThrow();
  expect(() => checkHosts([parseHost('tcp://127.0.0.1:1', false)], read([]))).not.toThrow();
});
