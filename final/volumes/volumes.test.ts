/** Mounts of containers, on the kernel of this machine. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { scratchFolder } from '@slipway/lab';
import { cloneTree, openInRoot } from '@slipway/native';
import { openDatabase } from '../graph/database.ts';
import type { OpenMounts } from '../libcontainer/volumes.ts';
import type { MountedContainer, MountingRequest } from './mounting.ts';
import { Volumes } from './volumes.ts';

const needs = ['root', 'native'] as const;

type Hold = <T extends Disposable | AsyncDisposable>(one: T) => T;

interface Place {
  readonly folder: string;
  /** The mounts of one start of a container that wants this. */
  readonly open: (wish: Partial<MountingRequest['hostConfig']>) => Promise<OpenMounts>;
  /** The same of the next start of that container. */
  readonly restart: () => Promise<OpenMounts>;
  readonly volumes: Volumes;
}

/** A root with a folder `data` of two files, and a file `file`. */
function makePlace(hold: Hold): Place {
  const folder = hold(scratchFolder()).path;
  mkdirSync(`${folder}/root/data`, { recursive: true });
  for (const name of ['data/a', 'data/b', 'file']) writeFileSync(`${folder}/root/${name}`, name);
  const root = hold(cloneTree(`${folder}/root`));
  const volumes = Volumes.open({
    root: `${folder}/volumes`,
    database: hold(openDatabase({ file: `${folder}/slipway.db` })),
    containers: {
      find: () => {
        throw new Error('nobody');
      },
      all: () => [],
    },
    events: { emit: () => undefined },
  });
  let container: MountedContainer = { id: 'c1', mounts: [] };
  const restart: Place['restart'] = async () =>
    hold(await volumes.open(container, root.descriptor));
  const open: Place['open'] = async wish => {
    const hostConfig = { Binds: null, VolumesFrom: null, VolumeDriver: '', ...wish };
    const mounts = volumes.resolve({ config: { Volumes: null }, hostConfig });
    container = { id: 'c1', mounts };
    await volumes.populate(container, root.descriptor);
    return restart();
  };
  return { folder, open, restart, volumes };
}

/** What a mount that hangs nowhere has at `path`. */
function contentOf({ mounts: [mount] }: OpenMounts, path: string): string {
  if (mount === undefined || !('descriptor' in mount)) return 'no descriptor';
  using file = openInRoot(mount.descriptor, path);
  return readFileSync(`/proc/self/fd/${file.descriptor}`, 'utf8');
}

check('an empty volume takes over what the image has, and keeps it', { needs }, async c => {
  const { folder, open } = makePlace(c.hold);
  const data = `${folder}/volumes/vv/_data`;
  expect(contentOf(await open({ Binds: ['vv:/data'] }), 'a')).toBe('data/a');
  writeFileSync(`${data}/a`, 'mine');
  expect(contentOf(await open({ Binds: ['vv:/data'] }), 'a')).toBe('mine');
  await open({ Binds: ['ww:/data:nocopy'] });
  expect(() => readFileSync(`${folder}/volumes/ww/_data/a`)).toThrow('ENOENT');
});

check('-v makes a folder that is missing', { needs }, async c => {
  const { folder, open } = makePlace(c.hold);
  await open({ Binds: [`${folder}/made/by/engine:/m`] });
  writeFileSync(`${folder}/made/by/engine/x`, '');
});

check('a folder does not cover a file', { needs }, async c => {
  const { folder, open } = makePlace(c.hold);
  const found = open({ Binds: [`${folder}:/file`] });
  await expect(found).rejects.toThrow('Are you trying to mount a directory onto a file');
});

check('a part of a volume is mounted, and nothing outside of it', { needs }, async c => {
  const { folder, open, volumes } = makePlace(c.hold);
  const base = { Type: 'volume', Source: 'vv', Target: '/m' };
  volumes.create({ Name: 'vv', Driver: '', DriverOpts: {}, Labels: {} });
  mkdirSync(`${folder}/volumes/vv/_data/sub`);
  writeFileSync(`${folder}/volumes/vv/_data/sub/f`, 'inside');
  const at = (Subpath: string) => open({ Mounts: [{ ...base, VolumeOptions: { Subpath } }] });
  expect(contentOf(await at('sub'), 'f')).toBe('inside');
  await expect(at('nosuch')).rejects.toThrow('no such file or directory');
});

check('an empty part of a volume takes over what the image has', { needs }, async c => {
  const { folder, open, volumes } = makePlace(c.hold);
  const base = { Type: 'volume', Source: 'vv', Target: '/data' };
  volumes.create({ Name: 'vv', Driver: '', DriverOpts: {}, Labels: {} });
  for (const part of ['sub', 'full']) mkdirSync(`${folder}/volumes/vv/_data/${part}`);
  writeFileSync(`${folder}/volumes/vv/_data/full/mine`, '');
  const at = (Subpath: string, ReadOnly: boolean, NoCopy = false) =>
    open({ Mounts: [{ ...base, ReadOnly, VolumeOptions: { Subpath, NoCopy } }] });
  await at('sub', true, true);
  expect(readdirSync(`${folder}/volumes/vv/_data/sub`)).toEqual([]);
  expect(contentOf(await at('sub', true), 'a')).toBe('data/a');
  await at('full', false);
  expect(readdirSync(`${folder}/volumes/vv/_data/full`)).toEqual(['mine']);
  expect(readdirSync(`${folder}/volumes/vv/_data`).toSorted()).toEqual(['full', 'sub']);
});

check('a volume that was emptied stays so when its container starts again', { needs }, async c => {
  const { folder, open, restart } = makePlace(c.hold);
  await open({ Binds: ['vv:/data'] });
  for (const name of ['a', 'b']) rmSync(`${folder}/volumes/vv/_data/${name}`);
  await restart();
  expect(readdirSync(`${folder}/volumes/vv/_data`)).toEqual([]);
});

check(
  'what is mounted in the place of a volume is filled, not what it covers',
  { needs },
  async c => {
    const { folder, open, volumes } = makePlace(c.hold);
    mkdirSync(`${folder}/device`);
    const DriverOpts = { type: 'none', o: 'bind', device: `${folder}/device` };
    volumes.create({ Name: 'vv', Driver: 'local', DriverOpts, Labels: {} });
    expect(contentOf(await open({ Binds: ['vv:/data:ro'] }), 'b')).toBe('data/b');
    expect(readdirSync(`${folder}/device`).toSorted()).toEqual(['a', 'b']);
    expect(readdirSync(`${folder}/volumes/vv/_data`)).toEqual([]);
  },
);

check('a volume can be a folder of the host', { needs }, async c => {
  const { folder, open, volumes } = makePlace(c.hold);
  const DriverOpts = { type: 'none', o: 'bind', device: `${folder}/root/data` };
  const shown = volumes.create({ Name: 'vv', Driver: 'local', DriverOpts, Labels: {} });
  expect(shown.Options).toEqual(DriverOpts);
  expect(contentOf(await open({ Binds: ['vv:/m'] }), 'b')).toBe('data/b');
});
