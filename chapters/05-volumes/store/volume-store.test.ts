/**
 * Named volumes on a real disk: who is in, who is out, and what a kill leaves behind.
 */
import { execFileSync, spawn as startProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { openFolder } from './claim.ts';
import { VolumeStore } from './volume-store.ts';

const needs = ['native'] as const;

async function storeFor(context: CheckContext): Promise<[VolumeStore, string]> {
  const root = `${await context.scratch()}/volumes`;
  return [VolumeStore.at(root, () => new Date(0)), root];
}

check(
  'a volume is a folder with a name, and stays until it is removed',
  { needs },
  async c => {
    const [volumes, root] = await storeFor(c);
    expect(volumes.list()).toEqual([]);
    const made = volumes.create('data', { labels: { who: 'me' } });
    expect(made).toEqual({
      name: 'data',
      mountpoint: `${root}/data/_data`,
      createdAt: '1970-01-01T00:00:00.000Z',
      anonymous: false,
      labels: { who: 'me' },
    });
    writeFileSync(`${made.mountpoint}/kept`, '');
    expect(volumes.create('data')).toEqual(made);
    expect(readdirSync(made.mountpoint)).toEqual(['kept']);
    expect(volumes.list()).toEqual([made]);
    volumes.remove('data');
    expect(readdirSync(root)).toEqual([]);
    expect(() => volumes.remove('data')).toThrow('there is no such volume');
  },
);

check(
  'no name reaches a path before it was held against the grammar',
  { needs },
  async c => {
    const [volumes] = await storeFor(c);
    for (const name of [
      '..',
      '.',
      '',
      'a',
      'a/b',
      '.new-x',
      '/etc',
      'x\0',
      'a'.repeat(256),
    ]) {
      for (const verb of ['create', 'inspect', 'remove'] as const) {
        expect(() => volumes[verb](name)).toThrow(/no name of a volume|at most 255/);
      }
    }
  },
);

check(
  'what a container uses cannot be removed, and its users are named',
  { needs },
  async c => {
    const [volumes] = await storeFor(c);
    const one = await volumes.open('data');
    const two = await volumes.open('data');
    expect(volumes.users('data')).toContain(process.pid);
    expect(() => volumes.remove('data')).toThrow(
      `it is used by process ${process.pid}`,
    );
    one[Symbol.dispose]();
    expect(() => volumes.remove('data')).toThrow('is used by');
    two[Symbol.dispose]();
    volumes.remove('data');
  },
);

check(
  'only what has no name is pruned, and nothing that is in use',
  { needs },
  async c => {
    const [volumes] = await storeFor(c);
    const [free, used] = [volumes.createAnonymous(), volumes.createAnonymous()];
    volumes.create('data');
    {
      using _ = await volumes.open(used.name);
      expect(volumes.prune()).toEqual([free.name]);
    }
    expect(volumes.prune(true).toSorted()).toEqual([used.name, 'data'].toSorted());
  },
);

/** A folder with everything that a copy can lose. */
function content(path: string): void {
  mkdirSync(`${path}/deep/er`, { recursive: true });
  writeFileSync(`${path}/file`, 'text');
  writeFileSync(`${path}/large`, Buffer.alloc(300_000, 'x'));
  writeFileSync(`${path}/empty`, '');
  linkSync(`${path}/file`, `${path}/deep/same`);
  writeFileSync(`${path}/set-id`, '#!', { mode: 0o600 });
  symlinkSync('/etc/shadow', `${path}/link`);
  if (process.geteuid?.() === 0) chownSync(`${path}/set-id`, 7, 8);
  chmodSync(`${path}/set-id`, 0o6751);
  utimesSync(`${path}/file`, 1000, 2000);
  lutimesSync(`${path}/link`, 1000, 2000);
  chmodSync(`${path}/deep`, 0o1777);
  utimesSync(`${path}/deep`, 3000, 4000);
  chmodSync(path, 0o750);
}

/** find(1) is the oracle: one line for each name. */
function seen(path: string): string {
  const format = '%P %y %s %m %U:%G %n %T@ %l\\n';
  const list = execFileSync('find', [path, '-printf', format], { encoding: 'utf8' });
  return list.split('\n').toSorted().join('\n');
}

check('an empty volume takes over all that the image has there', { needs }, async c => {
  const [volumes] = await storeFor(c);
  const image = await c.scratch();
  content(image);
  using folder = openFolder(image);
  using held = await volumes.open('data', folder?.descriptor);
  expect(held.left).toEqual([]);
  expect(seen(held.volume.mountpoint)).toBe(seen(image));
  const differs = execFileSync('diff', ['-r', image, held.volume.mountpoint]);
  expect(differs.toString()).toBe('');
  const [a, b] = ['file', 'deep/same'].map(name =>
    statSync(`${held.volume.mountpoint}/${name}`),
  );
  expect(a?.ino).toBe(b?.ino);
  expect(readlinkSync(`${held.volume.mountpoint}/link`)).toBe('/etc/shadow');
});

check(
  'a volume that holds anything, or is in use, is left as it is',
  { needs },
  async c => {
    const [volumes] = await storeFor(c);
    const image = await c.scratch();
    writeFileSync(`${image}/new`, '');
    using folder = openFolder(image);
    writeFileSync(`${volumes.create('data').mountpoint}/old`, '');
    using full = await volumes.open('data', folder?.descriptor);
    expect(readdirSync(full.volume.mountpoint)).toEqual(['old']);
    using user = await volumes.open('other');
    using _ = await volumes.open('other', folder?.descriptor);
    expect(readdirSync(user.volume.mountpoint)).toEqual([]);
  },
);

check(
  'of ten that start together one fills it, and all see it full',
  { needs },
  async c => {
    const [volumes] = await storeFor(c);
    const image = await c.scratch();
    for (let count = 0; count < 50; count += 1) writeFileSync(`${image}/${count}`, '');
    using folder = openFolder(image);
    const all = await Promise.all(
      Array.from({ length: 10 }, () => volumes.open('data', folder?.descriptor)),
    );
    for (const { volume } of all)
      expect(readdirSync(volume.mountpoint)).toHaveLength(50);
    for (const one of all) one[Symbol.dispose]();
  },
);

check('whoever has an empty volume mounted sees it filled', { needs }, async c => {
  const [volumes] = await storeFor(c);
  const image = await c.scratch();
  writeFileSync(`${image}/new`, '');
  chmodSync(image, 0o1750);
  using folder = openFolder(image);
  const { mountpoint } = volumes.create('data');
  using mounted = openFolder(mountpoint);
  using _ = await volumes.open('data', folder?.descriptor);
  const inside = `/proc/self/fd/${mounted?.descriptor}`;
  expect(readdirSync(inside)).toEqual(['new']);
  expect(statSync(`${inside}/.`).mode & 0o7777).toBe(0o1750);
});

check('a copy that was complete when it was killed is there', { needs }, async c => {
  const [volumes, root] = await storeFor(c);
  const { mountpoint } = volumes.create('data');
  writeFileSync(`${mountpoint}/moved`, '');
  mkdirSync(`${root}/data/_filled`, { mode: 0o700 });
  writeFileSync(`${root}/data/_filled/waiting`, '');
  using _ = await volumes.open('data');
  expect(readdirSync(mountpoint).toSorted()).toEqual(['moved', 'waiting']);
  expect(statSync(mountpoint).mode & 0o777).toBe(0o700);
  expect(readdirSync(`${root}/data`).toSorted()).toEqual(['_data', 'volume.json']);
});

check('a copy that was killed in the middle is begun again', { needs }, async c => {
  const [volumes, root] = await storeFor(c);
  const image = await c.scratch();
  writeFileSync(`${image}/whole`, 'whole');
  volumes.create('data');
  mkdirSync(`${root}/data/_filling`);
  writeFileSync(`${root}/data/_filling/half`, '');
  mkdirSync(`${root}/.new-dead`);
  mkdirSync(`${root}/.gone-dead/_data`, { recursive: true });
  using folder = openFolder(image);
  using held = await volumes.open('data', folder?.descriptor);
  expect(readdirSync(held.volume.mountpoint)).toEqual(['whole']);
  volumes.create('other');
  expect(readdirSync(root).toSorted()).toEqual(['data', 'other']);
});

const asRoot = ['native', 'root', 'tool:setcap', 'tool:python3'] as const;

check(
  'devices, fifos and capabilities come along, a socket is named',
  { needs: asRoot },
  async c => {
    const [volumes] = await storeFor(c);
    const image = await c.scratch();
    execFileSync('mkfifo', [`${image}/pipe`]);
    execFileSync('mknod', [`${image}/null`, 'c', '1', '3']);
    writeFileSync(`${image}/program`, '');
    execFileSync('setcap', ['cap_net_raw=ep', `${image}/program`]);
    const bind = 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])';
    execFileSync('python3', ['-c', bind, `${image}/listening`]);
    using folder = openFolder(image);
    using held = await volumes.open('data', folder?.descriptor);
    const { mountpoint } = held.volume;
    expect(held.left).toEqual(['listening']);
    expect(readdirSync(mountpoint).toSorted()).toEqual(['null', 'pipe', 'program']);
    expect(statSync(`${mountpoint}/null`).rdev).toBe(statSync(`${image}/null`).rdev);
    const capabilities = execFileSync('getcap', [`${mountpoint}/program`]).toString();
    expect(capabilities).toContain('cap_net_raw=ep');
  },
);

check('a claim ends with its process, by whatever end', { needs }, async c => {
  const [volumes, root] = await storeFor(c);
  volumes.create('data');
  const holder = startProcess('flock', ['-s', `${root}/data`, 'sleep', '1000'], {
    detached: true,
  });
  const ended = once(holder, 'exit');
  while (volumes.users('data').length === 0) await new Promise(setImmediate);
  expect(() => volumes.remove('data')).toThrow('is used by');
  process.kill(-(holder.pid ?? 0), 'SIGKILL');
  await ended;
  while (volumes.users('data').length > 0) await new Promise(setImmediate);
  volumes.remove('data');
  expect(existsSync(`${root}/data`)).toBe(false);
  expect(readFileSync('/proc/locks', 'utf8')).not.toContain(`${holder.pid} `);
});
