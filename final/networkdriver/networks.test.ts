/** Networks of the engine, on the kernel of this machine. */
import { spawn as spawnProcess, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { askedEndpointSchema } from './settings.ts';
import { openTrial, run } from './trial.ts';

const needs = ['root', 'native', 'nftables', 'tool:ip', 'tool:busybox'] as const;

check('a container on the default bridge has an address and a way out', { needs }, async c => {
  const trial = openTrial(c.hold);
  const pid = await trial.start('one');
  const settings = trial.networks.settings(trial.container('one'));
  const endpoint = settings.Networks['bridge'];
  expect(settings.SandboxKey).toBe(`/proc/${pid}/ns/net`);
  expect(settings.IPAddress).toBe(endpoint?.IPAddress);
  expect(await trial.inside('one', 'ip', '-4', '-o', 'addr', 'show', 'eth0')).toContain(
    `${endpoint?.IPAddress}/${endpoint?.IPPrefixLen}`,
  );
  expect(await trial.inside('one', 'ip', 'route')).toContain(`default via ${endpoint?.Gateway}`);
  expect(
    await trial.inside('one', 'busybox', 'ping', '-c1', '-W2', endpoint?.Gateway ?? ''),
  ).toContain('1 packets received');
  await trial.stop('one');
  const after = trial.networks.settings(trial.container('one'));
  expect(after.IPAddress).toBe('');
  expect(after.Networks['bridge']).toMatchObject({ EndpointID: '', IPAddress: '' });
});

check('neighbours on a network of the user’s know each other by name', { needs }, async c => {
  const trial = openTrial(c.hold);
  trial.create('blue', '10.140.7.0/24');
  await trial.start('web', { NetworkMode: 'blue', networks: { blue: { Aliases: ['www'] } } });
  await trial.start('probe', { NetworkMode: 'blue' });
  const ask = (name: string): Promise<string> =>
    trial.inside('probe', 'busybox', 'nslookup', name, '127.0.0.11');
  expect(await ask('web')).toContain('10.140.7.2');
  expect(await ask('www.blue')).toContain('10.140.7.2');
  trial.rename('web', 'shop');
  expect(await ask('shop')).toContain('10.140.7.2');
  expect(await ask('web')).toContain('failed');
  const folder = `${trial.folder}/${trial.container('probe').id}`;
  expect(readFileSync(`${folder}/resolv.conf`, 'utf8')).toContain('nameserver 127.0.0.11');
});

check(
  'a published port leads into the container, and is refused to a second',
  { needs },
  async c => {
    const trial = openTrial(c.hold);
    const PortBindings = { '80/tcp': [{ HostIp: '', HostPort: '39271' }] };
    const pid = await trial.start('web', { PortBindings });
    expect(trial.networks.settings(trial.container('web')).Ports).toEqual({
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '39271' },
        { HostIp: '::', HostPort: '39271' },
      ],
    });
    trial.add('other', { PortBindings });
    expect(() => trial.networks.allocate(trial.container('other'))).toThrow(
      /driver failed programming external connectivity on endpoint other \([0-9a-f]{64}\): Bind for 0.0.0.0:39271 failed: port is already allocated/,
    );
    const serve = 'while true; do echo hello | busybox nc -l -p 80; done';
    c.hold(background('nsenter', `--net=/proc/${pid}/ns/net`, 'busybox', 'sh', '-c', serve));
    for (const address of ['127.0.0.1', '::1']) {
      await expect
        .poll(() => run('busybox', 'sh', '-c', `busybox nc ${address} 39271 </dev/null`), wait)
        .toBe('hello');
    }
  },
);

const wait = { timeout: 15_000, interval: 100 };

function background(program: string, ...argv: readonly string[]): Disposable {
  const child = spawnProcess(program, argv, { stdio: 'ignore', detached: true });
  return { [Symbol.dispose]: () => void process.kill(-(child.pid ?? 0), 'SIGKILL') };
}

check('connected while it runs, and disconnected again', { needs }, async c => {
  const trial = openTrial(c.hold);
  trial.create('blue', '10.140.8.0/24');
  const asked = { Aliases: ['x'], IPAMConfig: { IPv4Address: '10.140.8.77' } };
  await trial.start('one');
  const before = trial.networks.settings(trial.container('one')).Gateway;
  trial.networks.connect('blue', 'one', askedEndpointSchema.parse(asked));
  expect(await trial.inside('one', 'ip', '-4', '-o', 'addr')).toContain('10.140.8.77/24');
  expect(() => trial.networks.remove('blue')).toThrow('has active endpoints');
  trial.networks.disconnect('bridge', 'one', false);
  const routes = await trial.inside('one', 'ip', 'route');
  expect(routes).toContain('default via 10.140.8.1');
  expect(routes).not.toContain(before);
  expect(() => trial.networks.disconnect('bridge', 'one', false)).toThrow(
    'is not connected to network bridge',
  );
  expect(Object.keys(trial.networks.inspect('blue', 45).Containers)).toHaveLength(1);
});

check('a daemon that comes again has its containers’ networks back', { needs }, async c => {
  const trial = openTrial(c.hold);
  trial.create('blue', '10.140.9.0/24');
  const PortBindings = { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '39272' }] };
  await trial.start('web', { NetworkMode: 'blue', PortBindings });
  const before = trial.networks.settings(trial.container('web'));
  trial.restart();
  expect(trial.networks.settings(trial.container('web'))).toEqual(before);
  await trial.start('probe', { NetworkMode: 'blue' });
  expect(await trial.inside('web', 'busybox', 'nslookup', 'probe', '127.0.0.11')).toContain(
    '10.140.9.3',
  );
  trial.add('other', { PortBindings });
  expect(() => trial.networks.allocate(trial.container('other'))).toThrow('already allocated');
  expect(trial.logged).toEqual([]);
});

check('a network for itself has no way out, and none leads into it', { needs }, async c => {
  const trial = openTrial(c.hold);
  trial.create('blue', '10.140.10.0/24');
  trial.create('red', '10.140.11.0/24', { Internal: true });
  await trial.start('out', { NetworkMode: 'blue' });
  await trial.start('in', { NetworkMode: 'red' });
  await trial.start('beside', { NetworkMode: 'red' });
  expect(await trial.inside('in', 'ip', 'route')).not.toContain('default');
  const ping = (from: string, to: string): Promise<string> =>
    trial.inside(from, 'busybox', 'ping', '-c1', '-W1', to);
  expect(await ping('in', '10.140.11.3')).toContain('1 packets received');
  await trial.inside('in', 'ip', 'route', 'add', 'default', 'via', '10.140.11.1');
  expect(await ping('in', '10.140.10.2')).toContain('failed');
  expect(await ping('out', '10.140.11.2')).toContain('failed');
});

check(
  'without a network there is lo alone; in another’s there is what it has',
  { needs },
  async c => {
    const trial = openTrial(c.hold);
    const links = async (name: string): Promise<string> =>
      (await trial.inside(name, 'ip', '-br', 'link')).replaceAll(/^(\S+?)(@\S+)? .*$/gm, '$1');
    await trial.start('alone', { NetworkMode: 'none' });
    expect(await links('alone')).toBe('lo');
    await trial.start('one');
    await trial.start('guest', { NetworkMode: `container:${trial.container('one').id}` });
    expect(await links('guest')).toBe('lo\neth0');
    expect(trial.networks.settings(trial.container('guest')).Networks).toEqual({});
    await trial.stop('one');
    expect(await links('guest')).toBe('lo');
  },
);

check('a host whose book of leases is lost has them written down again', { needs }, async c => {
  const trial = openTrial(c.hold);
  trial.create('blue', '10.140.12.0/24');
  await trial.start('one', { NetworkMode: 'blue' });
  const before = trial.networks.settings(trial.container('one'));
  const [book = ''] = readdirSync(`${trial.folder}/book`);
  using database = new DatabaseSync(`${trial.folder}/book/${book}`);
  database.exec('DELETE FROM lease; DELETE FROM network');
  trial.restart();
  expect(trial.networks.settings(trial.container('one'))).toEqual(before);
  await trial.start('two', { NetworkMode: 'blue' });
  expect(trial.networks.settings(trial.container('two')).Networks['blue']?.IPAddress).not.toBe(
    before.Networks['blue']?.IPAddress,
  );
});

check('a dual network gives addresses of both versions', { needs }, async c => {
  const trial = openTrial(c.hold);
  trial.create('blue', '10.140.13.0/24', { EnableIPv6: true });
  await trial.start('one', { NetworkMode: 'blue' });
  const { blue } = trial.networks.settings(trial.container('one')).Networks;
  expect(blue?.GlobalIPv6Address).toMatch(/^fd53:/);
  expect(await trial.inside('one', 'ip', '-6', '-o', 'addr', 'show', 'eth0')).toContain(
    `${blue?.GlobalIPv6Address}/64`,
  );
});

check('who has no network of version 6 has none of its addresses', { needs }, async c => {
  const trial = openTrial(c.hold);
  trial.create('four', '10.140.14.0/24');
  trial.create('both', '10.140.15.0/24', { EnableIPv6: true });
  const pair = { four: {}, both: {} };
  await trial.start('plain');
  await trial.start('mixed', { NetworkMode: 'both', networks: pair });
  const of = (name: string, link: string) =>
    trial.inside(name, 'ip', '-6', '-o', 'addr', 'show', link);
  expect(await of('plain', 'lo')).toContain('::1/128');
  expect(await of('plain', 'eth0')).toBe('');
  expect(await of('mixed', 'eth0')).toContain('fd53:');
  expect(await of('mixed', 'eth1')).toBe('');
  trial.networks.connect('four', 'plain', askedEndpointSchema.parse({}));
  expect(await of('plain', 'eth1')).toBe('');
});

check('datagrams come in by both versions, and answers go back', { needs }, async c => {
  const trial = openTrial(c.hold);
  const PortBindings = { '53/udp': [{ HostIp: '', HostPort: '39273' }] };
  const pid = await trial.start('echo', { PortBindings });
  const echo = `const s = require('dgram').createSocket('udp4').bind(53);
    s.on('message', (m, r) => s.send('hello ' + m, r.port, r.address))`;
  c.hold(background('nsenter', `--net=/proc/${pid}/ns/net`, process.execPath, '-e', echo));
  for (const address of ['127.0.0.1', '::1']) {
    const ask = `const s = require('dgram').createSocket('udp${address.includes(':') ? 6 : 4}');
      s.on('message', m => { console.log(String(m)); process.exit() });
      s.send('x', 39273, '${address}'); setTimeout(() => process.exit(1), 900)`;
    await expect.poll(() => run(process.execPath, '-e', ask), wait).toBe('hello x');
  }
});

check(
  'a bridge of somebody else’s is used as it is and stays; another link is never touched',
  { needs },
  async c => {
    const trial = openTrial(c.hold);
    const links = async (): Promise<string> => run('ip', '-o', 'link', 'show');
    await run('ip', 'link', 'add', 'trial-br', 'type', 'bridge');
    c.hold({ [Symbol.dispose]: () => void spawnSync('ip', ['link', 'del', 'trial-br']) });
    await run('ip', 'addr', 'add', '10.141.7.1/24', 'dev', 'trial-br');
    await run('ip', 'link', 'add', 'trial-a', 'type', 'veth', 'peer', 'name', 'trial-b');
    c.hold({ [Symbol.dispose]: () => void spawnSync('ip', ['link', 'del', 'trial-a']) });
    const named = (name: string) => ({ Options: { 'com.docker.network.bridge.name': name } });
    expect(() => trial.create('veth', undefined, named('trial-a'))).toThrow(
      'existing interface trial-a is not a bridge',
    );
    expect(await links()).toContain('trial-a@');
    trial.create('theirs', '10.141.7.0/24', named('trial-br'));
    await trial.start('one', { NetworkMode: 'theirs' });
    expect(await trial.inside('one', 'busybox', 'ping', '-c1', '-W2', '10.141.7.1')).toContain(
      '1 packets received',
    );
    await trial.stop('one');
    trial.networks.remove('theirs');
    expect(await links()).toContain('trial-br');
  },
);
