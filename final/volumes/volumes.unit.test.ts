/** Volumes and mount points, in a folder of their own. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseFilters } from '../api/filters.ts';
import { notFound } from '../engine/refusal.ts';
import { openDatabase, type Database } from '../graph/database.ts';
import { shownMount } from './mount-point.ts';
import type { MountedContainer, MountingRequest } from './mounting.ts';
import { createVolumeSchema } from './shown.ts';
import { Volumes } from './volumes.ts';

let folder = '';
let volumes: Volumes;
let database: Database;
let events: string[] = [];
const containers = new Map<string, MountedContainer>();

beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/volumes-`);
  containers.clear();
  events = [];
  database = openDatabase({ file: `${folder}/slipway.db` });
  volumes = openVolumes();
});

function openVolumes(warn: (message: string) => void = () => undefined): Volumes {
  return Volumes.open({
    root: `${folder}/volumes`,
    database,
    containers: {
      find: id => {
        const found = containers.get(id);
        if (found === undefined) throw notFound(`No such container: ${id}`);
        return found;
      },
      all: () => containers.values(),
    },
    warn,
    events: { emit: (_, action, id) => void events.push(`${action} ${id.slice(0, 8)}`) },
  });
}

afterEach(() => {
  database[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const create = (body: object) => volumes.create(createVolumeSchema.parse(body));

function request(hostConfig: Partial<MountingRequest['hostConfig']>, own = {}): MountingRequest {
  return {
    config: { Volumes: own },
    hostConfig: { Binds: null, VolumesFrom: null, VolumeDriver: '', ...hostConfig },
  };
}

const resolve = (...wish: Parameters<typeof request>) =>
  volumes.resolve(request(...wish)).map(shownMount);

test('a volume is shown as Docker shows it, and made once', () => {
  const shown = create({ Name: 'v-one', Labels: { a: 'b' } });
  expect(shown).toMatchObject({ Driver: 'local', Labels: { a: 'b' }, Options: null });
  expect(shown.CreatedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(create({ Name: 'v-one' })).toEqual(shown);
  expect(create({}).Labels).toEqual({ 'com.docker.volume.anonymous': '' });
  expect(events).toHaveLength(2);
});

test.each([
  [{ Name: 'bad name' }, /^create bad name: "bad name" includes invalid characters for a local/],
  [{ Name: 'x' }, 'create x: volume name is too short'],
  [{ Name: '../../etc' }, 'includes invalid characters'],
  [{ Name: 'vv', Driver: 'nfs' }, 'error looking up volume plugin nfs: plugin "nfs" not found'],
  [{ Name: 'vv', DriverOpts: { x: 'y' } }, 'create vv: invalid option: "x"'],
  [{ Name: 'vv', DriverOpts: { type: 'nfs' } }, 'create vv: missing required option: "device"'],
  [{ Name: 'vv', DriverOpts: { o: 'size=1m' } }, 'create vv: missing required option: "device"'],
  [{ Name: 'vv', DriverOpts: { device: 'x' } }, 'create vv: missing required option: "type"'],
  [{ Name: 'vv', DriverOpts: { size: '1m' } }, 'create vv: quota size requested but no quota'],
  [{ Name: 'vv', DriverOpts: { size: 'x' } }, "create vv: invalid size: 'x'"],
])('%j is refused by name', (body, why) => {
  expect(() => create(body)).toThrow(why);
  expect(volumes.list(new Map())).toEqual([]);
});

test('what a container has cannot be removed, whatever force', async () => {
  create({ Name: 'v-one' });
  const mounts = volumes.resolve(request({ Binds: ['v-one:/v'] }));
  containers.set('c1', { id: 'c1', mounts });
  for (const force of [false, true]) {
    await expect(volumes.remove('v-one', force)).rejects.toThrow(
      'remove v-one: volume is in use - [c1]',
    );
  }
  containers.clear();
  await volumes.remove('v-one', false);
  expect(() => volumes.inspect('v-one')).toThrow('get v-one: no such volume');
  await volumes.remove('v-one', true);
  await expect(volumes.remove('v-one', false)).rejects.toThrow('get v-one: no such volume');
  expect(readdirSync(`${folder}/volumes`)).toEqual([]);
});

test('a prune takes what nobody has named; with all, what nobody uses', async () => {
  create({ Name: 'v-one' });
  create({ Name: 'v-two', Labels: { keep: '' } });
  const mounts = volumes.resolve(request({}, { '/anon': {} }));
  containers.set('c1', { id: 'c1', mounts });
  expect(await volumes.prune(new Map())).toEqual({ names: [], bytes: 0 });
  containers.clear();
  expect((await volumes.prune(new Map())).names).toEqual([mounts[0]?.name]);
  const filters = parseFilters('{"all":["true"],"label!":["keep"]}', ['all', 'label!']);
  expect((await volumes.prune(filters)).names).toEqual(['v-one']);
});

test('mounts are shown as Docker shows them', () => {
  const [named, bind, anonymous] = resolve({ Binds: ['v-one:/v', '/src:/m:ro'] }, { '/a/': {} });
  expect(named).toMatchObject({ Type: 'volume', Name: 'v-one', Mode: 'z', Propagation: '' });
  expect(bind).toEqual({
    ...{ Type: 'bind', Source: '/src', Destination: '/m', Mode: 'ro', RW: false },
    Propagation: 'rprivate',
  });
  expect(anonymous).toMatchObject({ Destination: '/a', Driver: 'local', Mode: '', RW: true });
});

test('what is asked for goes before what is inherited or declared', () => {
  const mounts = volumes.resolve(request({ Binds: ['data:/data', '/src:/src'] }));
  containers.set('c1', { id: 'c1', mounts });
  const wish = { VolumesFrom: ['c1:ro'], Binds: ['/other:/src'] };
  const found = resolve(wish, { '/data': {}, '/src': {} });
  expect(found.map(({ Type, Destination, RW }) => `${Type} ${Destination} ${RW}`)).toEqual([
    'volume /data false',
    'bind /src true',
  ]);
});

const volume = { Type: 'volume', Source: 'vv', Target: '/m' };
const bound = { Type: 'bind', Source: '/', Target: '/m' };

test.each([
  [{ Binds: ['/a:/b:nonsense'] }, 'invalid mode: nonsense'],
  [{ Binds: ['/a:/b:ro,rw'] }, 'invalid mode: ro,rw'],
  [{ Binds: [':/a'] }, "invalid volume specification: ':/a'"],
  [
    { Binds: ['bad'] },
    'invalid volume specification: \'bad\': invalid mount config for type "volume": ' +
      "invalid mount path: 'bad' mount path must be absolute",
  ],
  [{ Binds: ['/a:ro'] }, "invalid volume specification: '/a:ro'"],
  [{ Binds: ['/a:b'] }, 'mount path must be absolute'],
  [{ Binds: ['/a:/'] }, "invalid specification: destination can't be '/'"],
  [{ Binds: ['a/b:/x'] }, 'includes invalid characters for a local volume name'],
  [{ Binds: ['/a:/x', '/b:/x/'] }, 'Duplicate mount point: /x'],
  [{ VolumesFrom: ['nobody'] }, 'No such container: nobody'],
  [{ Tmpfs: { '/t': 'nonsense' } }, 'invalid tmpfs option "nonsense"'],
  [{ Tmpfs: { relative: '' } }, "invalid mount path: 'relative' mount path must be absolute"],
  [
    { Mounts: [{ ...bound, Source: '/no/such' }] },
    'invalid mount config for type "bind": bind source path does not exist: /no/such',
  ],
  [
    { Mounts: [{ ...bound, BindOptions: { Propagation: 'nonsense' } }] },
    'invalid mount config for type "bind": invalid propagation mode: nonsense',
  ],
  [
    { Mounts: [{ ...volume, VolumeOptions: { Subpath: '../..' } }] },
    'invalid mount config for type "volume": subpath must be a relative path within the volume',
  ],
  [{ Mounts: [{ ...volume, Type: 'x' }] }, 'invalid mount config for type "x": mount type unknown'],
])('%j is refused in Docker’s words', (wish, why) => {
  expect(() => resolve(wish)).toThrow(why);
  expect(volumes.list(new Map())).toEqual([]);
});

test('memory takes its options from --mount and from --tmpfs', () => {
  const points = volumes.resolve(
    request({
      Tmpfs: { '/t': 'size=1m,exec' },
      Mounts: [{ Type: 'tmpfs', Target: '/u', TmpfsOptions: { SizeBytes: 65_536, Mode: 0o700 } }],
    }),
  );
  expect(points.map(({ tmpfsOptions }) => tmpfsOptions)).toEqual([
    ['mode=700', 'size=65536'],
    ['size=1m', 'exec'],
  ]);
  expect(points.map(({ hidden }) => hidden)).toEqual([false, true]);
});

test('a nameless volume goes with the daemon that was killed before its container was', async () => {
  const [kept, lost] = ['c1', 'c2'].map(id => ({ id, mounts: volumes.resolve(request({}, own)) }));
  if (kept === undefined || lost === undefined) throw new Error('nothing was made');
  containers.set(kept.id, kept);
  volumes.keep(kept);
  mkdirSync(`${folder}/volumes/.gone-dead/_data`, { recursive: true });
  await openVolumes().reconcile();
  expect(existsSync(`${folder}/volumes/.gone-dead`)).toBe(false);
  const left = volumes.list(parseFilters('', [])).map(({ Name }) => Name);
  expect(left).toEqual(kept.mounts.map(({ name }) => name));
});

test('a volume that cannot be read spoils no list, is named, and can be removed', async () => {
  create({ Name: 'good' });
  for (const [name, text] of [
    ['zeroed', '\0\0'],
    ['other', '{"labels":null}'],
  ] as const) {
    create({ Name: name });
    writeFileSync(`${folder}/volumes/${name}/volume.json`, text);
  }
  writeFileSync(`${folder}/volumes/stray`, '');
  const told: string[] = [];
  await openVolumes(message => told.push(message)).reconcile();
  expect(told).toEqual(['other', 'zeroed'].map(name => expect.stringContaining(`"${name}"`)));
  const names = () => volumes.list(parseFilters('', [])).map(({ Name }) => Name);
  expect(names()).toEqual(['good']);
  for (const name of ['zeroed', 'other']) await volumes.remove(name, false);
  create({ Name: 'zeroed' });
  expect(names()).toEqual(['good', 'zeroed']);
});

const own = { '/data': {} };
