/**
 * What a graph driver is: one suite, run on each of them.
 *
 * aufs runs where the kernel has it; elsewhere one line says NOT RUN.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import { unmet, type Requirement } from '@slipway/lab';
import { listFolder } from '@slipway/native';
import { expect } from 'vitest';
import { archive, file, folder, link, wholeOf } from '../tar/archive.fixture.ts';
import { aufsDriver } from './aufs.ts';
import type { GraphDriver, OpenTree } from './driver.ts';
import { overlayDriver } from './overlay.ts';
import { vfsDriver } from './vfs.ts';

interface Kind {
  readonly name: string;
  readonly make: (home: string) => GraphDriver;
  readonly needs: readonly Requirement[];
}

const kinds: readonly Kind[] = [
  { name: 'overlay', make: overlayDriver, needs: ['root', 'native', 'overlay'] },
  { name: 'aufs', make: aufsDriver, needs: ['root', 'native', 'filesystem:aufs'] },
  { name: 'vfs', make: vfsDriver, needs: ['root', 'native'] },
];

function at(tree: OpenTree, path = ''): string {
  return `/proc/self/fd/${tree.descriptor}/${path}`;
}

const base = archive(
  folder('etc', 0o750),
  file('etc/passwd', 'root'),
  file('etc/shadow', 'secret'),
  folder('tmp', 0o1777),
  folder('var'),
  file('var/old', 'old'),
  link('bin', 'usr/bin'),
);

/** Few kernels have aufs: one line says so, not one for each sentence. */
const here = kinds.filter(({ name, needs }) => {
  const missing = needs.find(need => need.startsWith('filesystem:'));
  if (missing === undefined || unmet(missing) === undefined) return true;
  check(`${name}: the whole contract`, { needs: [missing] }, () => undefined);
  return false;
});

for (const { name, make, needs } of here) {
  const driver = async (context: CheckContext): Promise<GraphDriver> =>
    make(`${await context.scratch()}/home`);
  check(
    `${name}: a new layer exists, is empty, and can be written to`,
    { needs },
    async context => {
      const graph = await driver(context);
      await graph.create('one');
      expect(graph.exists('one')).toBe(true);
      using tree = graph.get('one');
      expect(readdirSync(at(tree))).toEqual([]);
      writeFileSync(at(tree, 'a'), 'x');
      expect(readFileSync(at(tree, 'a'), 'utf8')).toBe('x');
    },
  );

  check(
    `${name}: what was written is there again after put and get`,
    { needs },
    async context => {
      const graph = await driver(context);
      await graph.create('one');
      {
        using tree = graph.get('one');
        writeFileSync(at(tree, 'a'), 'x');
      }
      using tree = graph.get('one');
      expect(readFileSync(at(tree, 'a'), 'utf8')).toBe('x');
    },
  );

  check(
    `${name}: a layer shows its parents and leaves them as they are`,
    { needs },
    async context => {
      const graph = await driver(context);
      await graph.applyDiff('base', undefined, [base]);
      await graph.create('box', 'base');
      {
        using tree = graph.get('box');
        expect(readFileSync(at(tree, 'etc/passwd'), 'utf8')).toBe('root');
        expect(lstatSync(at(tree, 'tmp')).mode & 0o7777).toBe(0o1777);
        writeFileSync(at(tree, 'etc/passwd'), 'changed');
        rmSync(at(tree, 'var'), { recursive: true });
        renameSync(at(tree, 'etc/shadow'), at(tree, 'etc/moved'));
      }
      using below = graph.getReadOnly('base');
      expect(readFileSync(at(below, 'etc/passwd'), 'utf8')).toBe('root');
      expect(readdirSync(at(below, 'etc')).toSorted()).toEqual(['passwd', 'shadow']);
      expect(readdirSync(at(below, 'var'))).toEqual(['old']);
    },
  );

  check(`${name}: an image layer cannot be written to`, { needs }, async context => {
    const graph = await driver(context);
    await graph.applyDiff('base', undefined, [base]);
    using tree = graph.getReadOnly('base');
    expect(() => writeFileSync(at(tree, 'x'), '')).toThrow('EROFS');
  });

  check(
    `${name}: a folder of which an archive says nothing stays as it is below`,
    { needs },
    async context => {
      const graph = await driver(context);
      const attributes = { mode: 0o2750, uid: 7, gid: 8 };
      const modified = { seconds: 1_000_000_000, nanoseconds: 5 };
      const xattrs = new Map([['user.note', Buffer.from('kept')]]);
      const own = { ...attributes, modified, xattrs };
      await graph.applyDiff('base', undefined, [
        archive({ ...folder('srv'), ...own }, folder('srv/in'), file('srv/in/a', 'a')),
      ]);
      await graph.applyDiff('top', 'base', [archive(file('srv/in/b', 'b'))]);
      await graph.applyDiff('loose', undefined, [archive(file('srv/.wh.in'))]);
      await graph.adopt('loose', 'gone', 'base');
      for (const id of ['top', 'gone']) {
        using tree = graph.getReadOnly(id);
        const [srv] = listFolder(tree.descriptor, '');
        expect(srv).toMatchObject(own);
        expect(readdirSync(at(tree, 'srv'))).toEqual(id === 'top' ? ['in'] : []);
      }
    },
  );

  check(
    `${name}: a whiteout hides a file, an opaque folder what was in it`,
    { needs },
    async context => {
      const graph = await driver(context);
      await graph.applyDiff('base', undefined, [base]);
      const top = archive(
        folder('etc', 0o750),
        file('etc/.wh.shadow'),
        folder('var'),
        file('var/.wh..wh..opq'),
        file('var/new', 'new'),
        file('.wh.bin'),
        folder('bin'),
      );
      await graph.applyDiff('top', 'base', [top]);
      using tree = graph.getReadOnly('top');
      expect(readdirSync(at(tree, 'etc'))).toEqual(['passwd']);
      expect(readdirSync(at(tree, 'var'))).toEqual(['new']);
      expect(lstatSync(at(tree, 'bin')).isDirectory()).toBe(true);
    },
  );

  check(
    `${name}: a difference on the same parent gives the same tree`,
    { needs },
    async context => {
      const graph = await driver(context);
      await graph.applyDiff('base', undefined, [base]);
      await graph.create('box', 'base');
      {
        using tree = graph.get('box');
        writeFileSync(at(tree, 'etc/motd'), 'hello');
        rmSync(at(tree, 'var/old'));
        rmSync(at(tree, 'bin'));
        mkdirSync(at(tree, 'bin'), { mode: 0o700 });
        rmSync(at(tree, 'tmp'), { recursive: true });
        mkdirSync(at(tree, 'tmp/deep'), { recursive: true });
      }
      await graph.applyDiff('again', 'base', graph.diff('box'));
      using one = graph.getReadOnly('box');
      using other = graph.getReadOnly('again');
      expect(listing(one)).toContain('./etc/motd');
      expect(listing(other)).toBe(listing(one));
    },
  );

  check(
    `${name}: an archive comes out of its layer to the byte`,
    { needs },
    async context => {
      const graph = await driver(context);
      await graph.applyDiff('base', undefined, [base]);
      expect(wholeOf(graph.diff('base')).equals(base)).toBe(true);
    },
  );

  check(
    `${name}: a layer that was applied on nothing finds its place later`,
    { needs },
    async context => {
      const graph = await driver(context);
      await graph.applyDiff('base', undefined, [base]);
      const top = archive(folder('var'), file('var/new', 'new'), file('.wh.bin'));
      const { diffId } = await graph.applyDiff('staged', undefined, [top]);
      await expect(graph.adopt('staged', 'base', undefined)).rejects.toThrow('already');
      await expect(graph.adopt('staged', 'top', 'none')).rejects.toThrow('no parent');
      await graph.adopt('staged', 'top', 'base');
      expect(graph.list().toSorted()).toEqual(['base', 'top']);
      expect([graph.parentOf('top'), graph.applied('top')?.diffId]).toEqual([
        'base',
        diffId,
      ]);
      expect(wholeOf(graph.diff('top')).equals(top)).toBe(true);
      using tree = graph.getReadOnly('top');
      expect(readdirSync(at(tree)).toSorted()).toEqual(['etc', 'tmp', 'var']);
      expect(readdirSync(at(tree, 'var')).toSorted()).toEqual(['new', 'old']);
    },
  );

  check(
    `${name}: the size of a difference is that of its files`,
    { needs },
    async context => {
      const graph = await driver(context);
      await graph.applyDiff('base', undefined, [base]);
      await graph.create('box', 'base');
      expect(graph.diffSize('box')).toBe(0);
      {
        using tree = graph.get('box');
        writeFileSync(at(tree, 'a'), 'x'.repeat(1000));
        linkSync(at(tree, 'a'), at(tree, 'b'));
        rmSync(at(tree, 'var/old'));
        writeFileSync(at(tree, 'etc/passwd'), 'longer');
      }
      expect(graph.diffSize('box')).toBe(1006);
    },
  );

  check(`${name}: of a refused archive nothing is left`, { needs }, async context => {
    const graph = await driver(context);
    const bad = archive(file('a', 'x'), file('../out', 'x'));
    const tried = graph.applyDiff('bad', undefined, [bad]);
    await expect(tried).rejects.toThrow('"../out"');
    expect(graph.exists('bad')).toBe(false);
    const home = graph.status().find(([key]) => key === 'Home')?.[1] ?? '';
    expect(readdirSync(home).filter(one => one.startsWith('.new'))).toEqual([]);
  });

  check(
    `${name}: changes are told as added, changed and deleted`,
    { needs },
    async context => {
      const graph = await driver(context);
      await graph.applyDiff('base', undefined, [base]);
      await graph.create('box', 'base');
      {
        using tree = graph.get('box');
        writeFileSync(at(tree, 'etc/motd'), 'hello');
        writeFileSync(at(tree, 'etc/passwd'), 'more');
        rmSync(at(tree, 'var/old'));
      }
      const told = graph.changes('box').map(({ kind, path }) => `${kind} ${path}`);
      expect(told.toSorted()).toEqual([
        'A /etc/motd',
        'C /etc',
        'C /etc/passwd',
        'C /var',
        'D /var/old',
      ]);
    },
  );

  check(
    `${name}: what is as it was is not told as changed`,
    { needs },
    async context => {
      const graph = await driver(context);
      await graph.applyDiff('base', undefined, [base]);
      await graph.create('box', 'base');
      {
        using tree = graph.get('box');
        chmodSync(at(tree, 'etc/passwd'), 0o600);
        chmodSync(at(tree, 'etc/passwd'), 0o644);
        rmSync(at(tree, 'var'), { recursive: true });
        mkdirSync(at(tree, 'var'), { mode: 0o755 });
        writeFileSync(at(tree, 'var/new'), 'x');
      }
      const told = graph.changes('box').map(({ kind, path }) => `${kind} ${path}`);
      expect(told).toEqual(['C /var', 'A /var/new', 'D /var/old']);
    },
  );

  check(
    `${name}: a layer is written to by one holder at a time`,
    { needs },
    async context => {
      const graph = await driver(context);
      await graph.create('one');
      {
        using held = graph.get('one');
        expect(held.branches[0]).toBe('one=rw');
        expect(graph.isHeld('one')).toBe(true);
        expect(() => graph.get('one')).toThrow('in use');
      }
      expect(graph.isHeld('one')).toBe(false);
      using again = graph.get('one');
      expect(readdirSync(at(again))).toEqual([]);
    },
  );

  check(
    `${name}: a removed layer is gone, its parent is not`,
    { needs },
    async context => {
      const graph = await driver(context);
      await graph.applyDiff('base', undefined, [base]);
      await graph.create('box', 'base');
      graph.remove('box');
      graph.remove('box');
      expect([graph.exists('box'), graph.exists('base')]).toEqual([false, true]);
    },
  );

  check(`${name}: an id that is a path is refused`, { needs }, async context => {
    const graph = await driver(context);
    for (const id of ['../x', 'a/b', '', '.', '..']) {
      await expect(graph.create(id)).rejects.toThrow('is no id');
    }
    expect(existsSync('/x')).toBe(false);
  });

  check(
    `${name}: a layer on a parent that is not there is refused`,
    { needs },
    async context => {
      const graph = await driver(context);
      await expect(graph.create('one', 'none')).rejects.toThrow('no parent none');
      expect(graph.exists('one')).toBe(false);
    },
  );

  check(
    `${name}: forty layers are one tree, in nobody’s mount table`,
    { needs },
    async context => {
      const graph = await driver(context);
      let parent: string | undefined;
      for (let number = 0; number < 40; number += 1) {
        const layer = archive(file(`f${number}`, 'x'), file('same', String(number)));
        await graph.applyDiff(`l${number}`, parent, [layer]);
        parent = `l${number}`;
      }
      using tree = graph.getReadOnly('l39');
      expect(readdirSync(at(tree))).toHaveLength(41);
      expect(readFileSync(at(tree, 'same'), 'utf8')).toBe('39');
      const seen = readMountinfo().filter(({ source }) => source === 'slipway');
      expect(seen).toEqual([]);
    },
  );
}

/** GNU's tools as judges: every name with its mode, owner, size and content. */
function listing(tree: OpenTree): string {
  const script = `find . -printf '%p %M %U:%G %s %l\\n' | sort
     find . -type f | sort | xargs -r sha256sum`;
  const text = execFileSync('sh', ['-c', script], {
    ...{ cwd: at(tree), encoding: 'utf8', stdio: 'pipe' },
  });
  // A folder's own size is the file system's business.
  return text.replaceAll(/^(\S+ d\S+ \S+) \d+/gm, '$1');
}
