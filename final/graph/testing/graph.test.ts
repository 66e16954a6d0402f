import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { importImage } from '../archives/import.ts';
import { commitContainer } from '../archives/commit.ts';
import { loadImages } from '../archives/load.ts';
import { saveArchive, wantedImages } from '../archives/save.ts';
import { exportTree } from '../containers-layers.ts';
import { arriving, collected, layerOf, openTestGraph, saveOf, tarOf } from './graph.fixture.ts';
import { historyOf } from '../images/history.ts';
import { inspectImage, shownConfig } from '../images/inspect.ts';
import { listImages } from '../images/list.ts';
import { removeImage } from '../images/remove.ts';
import { familiarText, parseReference } from '../reference.ts';

const needs = ['root', 'native'] as const;

for (const driver of ['overlay', 'vfs']) {
  check(
    `${driver}: what was loaded can be saved, and comes in again as the same`,
    { needs },
    async context => {
      const place = await context.scratch();
      using test = openTestGraph(place, driver);
      const { graph } = test;
      const base = layerOf(place, [
        ['bin/a', 'base'],
        ['etc/x', 'x'],
      ]);
      const top = layerOf(place, [
        ['bin/.wh.a', ''],
        ['bin/b', 'top'],
      ]);
      const { archive, id } = saveOf(place, [
        { name: 'one:1', layers: [base] },
        { name: 'two:latest', layers: [base, top] },
      ]);
      const loaded = await loadImages(graph, arriving(archive, 1000));
      expect(loaded.flatMap(({ names }) => names.map(one => familiarText(one.reference)))).toEqual([
        'one:1',
        'two:latest',
      ]);
      expect(graph.get('two').id).toBe(id);
      expect(graph.driver.list().filter(layer => layer.startsWith('staged'))).toEqual([]);
      const wanted = wantedImages(graph, ['one', 'two']);
      const saved = await collected(saveArchive(graph, wanted));
      expect(saved.equals(await collected(saveArchive(graph, wanted)))).toBe(true);
      for (const name of ['one:1', 'two']) removeImage(graph, name);
      expect([graph.images(), graph.driver.list()]).toEqual([[], []]);
      for (const bytes of [saved, gzipSync(saved), zstdCompressSync(saved)]) {
        await loadImages(graph, arriving(bytes));
        expect(graph.get('two').id).toBe(id);
        const again = await collected(saveArchive(graph, wantedImages(graph, ['one', 'two'])));
        expect(again.equals(saved)).toBe(true);
      }
    },
  );

  check(
    `${driver}: a container's layer becomes an image, and its root an archive`,
    { needs },
    async context => {
      const place = await context.scratch();
      using test = openTestGraph(place, driver);
      const { graph } = test;
      const base = layerOf(place, [
        ['bin/a', 'base'],
        ['etc/x', 'x'],
      ]);
      await loadImages(graph, arriving(saveOf(place, [{ name: 'one:1', layers: [base] }]).archive));
      const id = 'c'.repeat(64);
      const image = graph.get('one:1');
      await graph.containers.create(id, image);
      {
        using root = await graph.containers.open(id);
        writeFileSync(`/proc/self/fd/${root.descriptor}/bin/new`, 'twelve bytes');
        rmSync(`/proc/self/fd/${root.descriptor}/etc/x`);
        const tar = await collected(exportTree(root.descriptor));
        const names = execFileSync('tar', ['t'], { input: tar, encoding: 'utf8' });
        expect(names.trim().split('\n').toSorted()).toMatchInlineSnapshot(`
          [
            ".dockerenv",
            "bin/",
            "bin/a",
            "bin/new",
            "dev/",
            "dev/console",
            "dev/pts/",
            "dev/shm/",
            "etc/",
            "etc/hostname",
            "etc/hosts",
            "etc/mtab",
            "etc/resolv.conf",
            "proc/",
            "sys/",
          ]
        `);
      }
      expect(graph.containers.sizes(id)).toEqual({ rw: 12, rootFs: 17 });
      expect(graph.containers.changes(id)).toEqual([
        { Path: '/bin', Kind: 0 },
        { Path: '/bin/new', Kind: 1 },
        { Path: '/etc', Kind: 0 },
        { Path: '/etc/x', Kind: 2 },
      ]);
      const committed = await commitContainer(graph, {
        container: id,
        image: image.id,
        config: shownConfig({ Cmd: ['sh', '-c', 'x'], Image: 'one:1' }),
        reference: parseReference('two:2'),
        message: 'why',
        changes: ['ENV A=b'],
      });
      const { Config, Parent, Comment, Size } = inspectImage(graph, committed) as Record<
        string,
        unknown
      >;
      expect({ Parent, Comment, Size }).toEqual({ Parent: image.id, Comment: 'why', Size: 17 });
      expect(Config).toMatchObject({ Cmd: ['sh', '-c', 'x'], Env: ['A=b'], Image: 'one:1' });
      expect(
        historyOf(graph, committed).map(({ CreatedBy, Size: bytes, Id }) => [CreatedBy, bytes, Id]),
      ).toEqual([
        ['sh -c x', 12, committed.id],
        ['a layer', 5, image.id],
      ]);
      using tree = graph.driver.getReadOnly(committed.layers.at(-1) ?? '');
      expect(readdirSync(`/proc/self/fd/${tree.descriptor}/etc`)).toEqual([]);
      expect(readFileSync(`/proc/self/fd/${tree.descriptor}/bin/new`, 'utf8')).toBe('twelve bytes');
      expect(() => removeImage(graph, 'one:1', { force: true })).not.toThrow();
      expect(graph.image(image.id)).toBeDefined();
    },
  );
}

check('an archive that is bad anywhere leaves nothing behind', { needs }, async context => {
  const place = await context.scratch();
  using test = openTestGraph(place);
  const { graph } = test;
  const layer = layerOf(place, [['a', 'x'.repeat(2000)]]);
  const { archive } = saveOf(place, [{ name: 'one:1', layers: [layer] }]);
  const other = saveOf(place, [{ name: 'Bad:1', layers: [layer] }]).archive;
  const empty = tarOf(place, new Map([['file', Buffer.from('x')]]));
  const none = tarOf(place, new Map([['manifest.json', Buffer.from('[]')]]));
  const bads: readonly Buffer[] = [
    Buffer.from('garbage\n'),
    Buffer.alloc(0),
    empty,
    none,
    other,
    Buffer.from(archive.toString('latin1').replace('xxxx', 'xyxx'), 'latin1'),
    ...[0.2, 0.5].map(part => archive.subarray(0, archive.length * part)),
    gzipSync(archive).subarray(0, 200),
  ];
  for (const bad of bads) {
    await expect(loadImages(graph, arriving(bad))).rejects.toMatchObject({ code: 'INVALID' });
    expect([graph.images(), graph.driver.list()]).toEqual([[], []]);
  }
  const torn = Readable.from(
    (async function* () {
      yield archive.subarray(0, 3000);
      throw new Error('the client has gone');
    })(),
  );
  await expect(loadImages(graph, torn)).rejects.toThrow('the client has gone');
  expect(graph.driver.list()).toEqual([]);
});

check(
  'what a kill has left is removed at the next start, and what is broken is named',
  { needs },
  async context => {
    const place = await context.scratch();
    const container = 'd'.repeat(64);
    const layer = layerOf(place, [['a', 'x']]);
    {
      using test = openTestGraph(place);
      const { graph } = test;
      const images = [
        { name: 'one:1', layers: [layer] },
        { name: 'two:2', layers: [layer, layerOf(place, [['b', 'y']])] },
        { name: 'three:3', layers: [layerOf(place, [['c', 'z']])] },
      ];
      await loadImages(graph, arriving(saveOf(place, images).archive));
      await graph.containers.create(container, graph.get('two:2'));
      await graph.containers.create('e'.repeat(64), graph.get('one:1'));
      await graph.driver.applyDiff('staged-1', undefined, [layer]);
      mkdirSync(`${place}/graph/overlay/.new-half/diff`, { recursive: true });
      const [only] = graph.get('three:3').layers;
      graph.driver.remove(only ?? '');
      const file = `${place}/graph/images/${graph.get('two:2').id.slice(7)}.json`;
      writeFileSync(file, readFileSync(file, 'utf8').slice(0, 50));
    }
    using test = openTestGraph(place);
    const { graph, told } = test;
    graph.reconcile(new Set([container]));
    expect(listImages(graph).map(({ RepoTags }) => RepoTags)).toEqual([['one:1']]);
    expect(graph.names.all()).toHaveLength(1);
    expect(graph.driver.list()).toHaveLength(4);
    expect(readdirSync(`${place}/graph/overlay`).filter(name => name.startsWith('.n'))).toEqual([]);
    expect(
      told
        .join('\n')
        .replaceAll(/[0-9a-f]{64}/g, 'ID')
        .split('\n')
        .toSorted(),
    ).toMatchInlineSnapshot(`
      [
        "image ID is broken and left out: image sha256:ID is no JSON",
        "image ID is broken and left out: its layer ID is not there",
        "layer ID belonged to nothing and was removed",
        "layer ID-init belonged to nothing and was removed",
        "layer staged-1 belonged to nothing and was removed",
      ]
    `);
    using root = await graph.containers.open(container);
    expect(readFileSync(`/proc/self/fd/${root.descriptor}/b`, 'utf8')).toBe('y');
  },
);

check(
  'an import has one layer, its message, and what its changes say',
  { needs },
  async context => {
    const place = await context.scratch();
    using test = openTestGraph(place);
    const { graph } = test;
    const wish = { message: 'm', changes: ['CMD ["a"]'], reference: parseReference('t/i:1') };
    const image = await importImage(graph, arriving(layerOf(place, [['a', 'abc']])), wish);
    expect(inspectImage(graph, image)).toMatchObject({
      Comment: 'm',
      RepoTags: ['t/i:1'],
      Size: 3,
    });
    await expect(importImage(graph, arriving(Buffer.from('garbage')), wish)).rejects.toMatchObject({
      code: 'INVALID',
    });
    const nothing = await importImage(graph, arriving(Buffer.alloc(0)), { message: '' });
    expect(graph.sizeOf(nothing)).toBe(0);
    await expect(
      importImage(graph, arriving(Buffer.alloc(0)), { ...wish, changes: ['RUN x'] }),
    ).rejects.toThrow('RUN is not a valid change command');
    expect(graph.driver.list()).toHaveLength(2);
  },
);
