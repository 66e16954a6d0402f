/**
 * Mounts on the real kernel: sources that are swapped, targets that are links, owners.
 */
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import { containerRequest } from '@slipway/namespaces';
import { cloneMount, cloneTree, openPath, spawn, SyscallError } from '@slipway/native';
import { busyboxTree, withRoot, writeTree } from '@slipway/rootfs';
import { expect } from 'vitest';
import { recordVolumes, volumesFrom } from '../runtime/volume-record.ts';
import { VolumeStore } from '../store/volume-store.ts';
import { arrange } from '../wish/arrange.ts';
import { parseDashMount } from '../wish/dash-mount.ts';
import { parseDashV } from '../wish/dash-v.ts';
import { openMounts, type OpenMounts } from './open-mounts.ts';
import { openOwners } from './owners-namespace.ts';
import { withVolumes } from './with-volumes.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;

interface Place {
  readonly path: string;
  readonly root: string;
  readonly home: string;
  readonly volumes: VolumeStore;
}

async function prepare(context: CheckContext): Promise<Place> {
  const path = await context.scratch();
  const [root, home] = [`${path}/root`, `${path}/home`];
  writeTree(busyboxTree(), root);
  mkdirSync(home);
  writeFileSync(`${home}/letter`, 'text');
  return { path, root, home, volumes: VolumeStore.at(`${path}/volumes`) };
}

/** Root inside is an ordinary user outside. */
const maps = [{ inside: 0, outside: 100_000, count: 65_536 }];

interface Hooks {
  readonly ownUsers?: true;
  /** Between the opening of the sources and the start. */
  readonly meanwhile?: (opened: OpenMounts) => void | Promise<void>;
}

/** What a shell in the container says, with volumes as behind -v. */
async function ask(
  { root, volumes }: Place,
  texts: readonly string[],
  line: string,
  { meanwhile, ownUsers }: Hooks = {},
): Promise<string> {
  using tree = cloneTree(root, false);
  const requests = arrange(texts.map(text => parseDashV(text, '/')));
  using opened = await openMounts(requests, { volumes, root: tree.descriptor });
  await meanwhile?.(opened);
  const plain = containerRequest({
    namespaces: ['mount', 'pid', 'ipc', ...(ownUsers ? (['user'] as const) : [])],
    ...(ownUsers && { idMaps: { uids: maps, gids: maps, setgroups: 'allow' } }),
    argv: ['/bin/busybox', 'sh', '-c', line],
    env: ['PATH=/bin:/usr/bin'],
  });
  const { descriptor } = tree;
  const request = withVolumes(
    withRoot(plain, { descriptor, readOnly: false }),
    opened.mounts,
  );
  await using child = await spawn({ ...request, stdio: ['null', 'pipe', 'null'] });
  let output = '';
  for await (const piece of child.stdout ?? []) output += String(piece);
  await child.wait();
  return output.trim();
}

/** Each file system learned it by itself: ext4 with 5.12, tmpfs with 6.3. */
async function needOwners(context: CheckContext, { home }: Place): Promise<void> {
  using source = openPath(home);
  using owners = await openOwners(maps);
  try {
    const wish = { recursive: false, owners: owners.descriptor };
    cloneMount(source.descriptor, wish)[Symbol.dispose]();
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    context.skip('NOT RUN: the file system of the scratch folder cannot map owners');
  }
}

check(
  'what was looked at is mounted, whoever renames it meanwhile',
  { needs },
  async c => {
    const place = await prepare(c);
    const seen = await ask(place, [`${place.home}:/test`], 'ls /test', {
      meanwhile: () => {
        renameSync(place.home, `${place.path}/moved`);
        mkdirSync(place.home);
        writeFileSync(`${place.home}/decoy`, '');
      },
    });
    expect(seen).toBe('letter');
  },
);

check(
  'a target that becomes a link into /proc after the look is refused',
  { needs },
  async c => {
    const place = await prepare(c);
    mkdirSync(`${place.root}/test`);
    const start = ask(place, [`${place.home}:/test`], 'true', {
      meanwhile: () => {
        rmSync(`${place.root}/test`, { recursive: true });
        symlinkSync('/proc/sys', `${place.root}/test`);
      },
    });
    await expect(start).rejects.toThrow(SyscallError);
    await expect(start).rejects.toThrow('leads into proc');
  },
);

check(
  'a target that becomes a link out of the root stays in it',
  { needs },
  async c => {
    const place = await prepare(c);
    mkdirSync(`${place.path}/canary`);
    mkdirSync(`${place.root}/test`);
    const start = ask(place, [`${place.home}:/test`], 'true', {
      meanwhile: () => {
        rmSync(`${place.root}/test`, { recursive: true });
        symlinkSync(`${place.path}/canary`, `${place.root}/test`);
      },
    });
    await expect(start).rejects.toThrow(
      'a link is there that leads nowhere inside this root',
    );
    expect(readdirSync(`${place.path}/canary`)).toEqual([]);
  },
);

check('below another target it is that one which counts', { needs }, async c => {
  const place = await prepare(c);
  mkdirSync(`${place.root}/test`);
  symlinkSync('/nowhere', `${place.root}/test/in`);
  const texts = [`${place.home}:/test`, 'data:/test/in', 'conf:/test/in/conf'];
  expect(await ask(place, texts, 'touch /test/in/conf/x; echo /test/*')).toBe(
    '/test/in /test/letter',
  );
  expect(readdirSync(`${place.path}/volumes/conf/_data`)).toEqual(['x']);
});

check('a link inside of the root is followed inside', { needs }, async c => {
  const place = await prepare(c);
  symlinkSync('/run', `${place.root}/var/run`);
  const text = `${place.home}/letter:/var/run/letter`;
  expect(await ask(place, [text], 'cat /run/letter')).toBe('text');
  expect(statSync(`${place.root}/run/letter`).size).toBe(0);
});

check('nothing of a volume is in the table of the host', { needs }, async c => {
  const place = await prepare(c);
  let before = '';
  const texts = [`${place.home}:/test`, 'data:/data'];
  const seen = await ask(
    place,
    texts,
    'grep -c " /test \\| /data " /proc/self/mountinfo',
    {
      meanwhile: () => {
        before = readFileSync('/proc/self/mountinfo', 'utf8');
      },
    },
  );
  expect(seen).toBe('2');
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before);
  expect(readMountinfo().some(one => one.mountPoint.startsWith(place.path))).toBe(
    false,
  );
});

check('the clone of a shared mount is private', { needs }, async c => {
  const place = await prepare(c);
  mkdirSync(`${place.home}/in`);
  execFileSync('mount', ['--bind', place.home, place.home]);
  execFileSync('mount', ['--make-shared', place.home]);
  try {
    const line = 'mount -t tmpfs x /test/in; grep " /test" /proc/self/mountinfo';
    const seen = await ask(place, [`${place.home}:/test`], line);
    expect(seen.split('\n')).toHaveLength(2);
    expect(seen).not.toMatch(/shared|master/);
    expect(readMountinfo().some(one => one.mountPoint === `${place.home}/in`)).toBe(
      false,
    );
  } finally {
    execFileSync('umount', [place.home]);
  }
});

check('an id-mapped volume shows and stores other owners', { needs }, async c => {
  const place = await prepare(c);
  chownSync(place.home, 1000, 1000);
  await needOwners(c, place);
  const line = 'stat -c %u:%g /test; touch /test/new; stat -c %u:%g /test/new';
  expect(await ask(place, [`${place.home}:/test:idmap=1000-0-1`], line)).toBe(
    '0:0\n0:0',
  );
  expect(statSync(`${place.home}/new`).uid).toBe(1000);
});

check(
  'with the map of a user namespace its root owns the volume',
  { needs },
  async c => {
    const place = await prepare(c);
    await needOwners(c, place);
    // Whose root is not root outside makes no folder in a root that is not his.
    for (const name of ['plain', 'mapped']) mkdirSync(`${place.root}/${name}`);
    const line = 'stat -c %u /plain /mapped; touch /plain/x; touch /mapped/new; true';
    const texts = [`${place.home}:/plain`, 'data:/mapped:idmap=0-100000-65536'];
    expect(await ask(place, texts, line, { ownUsers: true })).toBe('65534\n0');
    expect(existsSync(`${place.home}/x`)).toBe(false);
    expect(statSync(`${place.path}/volumes/data/_data/new`).uid).toBe(0);
  },
);

check(
  'a volume without a name ends with its container, one with a name stays',
  { needs },
  async c => {
    const place = await prepare(c);
    let during: readonly string[] = [];
    await ask(place, ['/scratch', 'data:/data'], 'touch /scratch/x /data/x', {
      meanwhile: () => {
        during = place.volumes
          .list()
          .map(({ name }) => (name.length > 60 ? 'none' : name));
      },
    });
    expect(during.toSorted()).toEqual(['data', 'none']);
    expect(place.volumes.list().map(({ name }) => name)).toEqual(['data']);
  },
);

check('a start that fails gives every claim back', { needs }, async c => {
  const place = await prepare(c);
  writeFileSync(`${place.root}/file`, '');
  const texts = ['data:/data', `${place.home}:/file`];
  await expect(ask(place, texts, 'true')).rejects.toThrow('only like covers like');
  expect(place.volumes.users('data')).toEqual([]);
  place.volumes.remove('data');
});

check('-v makes a missing source, --mount does not', { needs }, async c => {
  const place = await prepare(c);
  using tree = cloneTree(place.root, false);
  const where = { volumes: place.volumes, root: tree.descriptor };
  const none = `${place.path}/none`;
  const long = parseDashMount(`type=bind,src=${none},dst=/test`, '/');
  await expect(openMounts([long], where)).rejects.toThrow(`there is no ${none}`);
  expect(existsSync(none)).toBe(false);
  await ask(place, [`${none}:/test`], 'touch /test/made');
  expect(readdirSync(none)).toEqual(['made']);
});

check(
  '--volumes-from finds the same folder when it was renamed',
  { needs },
  async c => {
    const place = await prepare(c);
    await ask(place, [`${place.home}:/test:ro`], 'true', {
      meanwhile: async opened => {
        using _ = recordVolumes(opened);
        renameSync(place.home, `${place.path}/moved`);
        const [inherited] = volumesFrom(String(process.pid));
        expect(inherited).toMatchObject({
          type: 'bind',
          target: '/test',
          readOnly: true,
        });
        using tree = cloneTree(place.root, false);
        const where = { volumes: place.volumes, root: tree.descriptor };
        using again = await openMounts(inherited ? [inherited] : [], where);
        const [mount] = again.mounts;
        const number = mount && 'descriptor' in mount ? mount.descriptor : -1;
        expect(readdirSync(`/proc/self/fd/${number}`)).toEqual(['letter']);
      },
    });
  },
);

check('a process without a record has no volumes to give', { needs }, () => {
  expect(() => volumesFrom('1')).toThrow('no container with volumes');
  expect(() => volumesFrom('box')).toThrow('write PID');
});
