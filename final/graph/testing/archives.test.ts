import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { importImage } from '../archives/import.ts';
import { loadImages } from '../archives/load.ts';
import { saveArchive, wantedImages } from '../archives/save.ts';
import { removeImage } from '../images/remove.ts';
import { familiarText } from '../reference.ts';
import { arriving, collected, layerOf, openTestGraph, saveOf } from './graph.fixture.ts';

const needs = ['root', 'native', 'tool:xz', 'tool:bzip2'] as const;

/** By the program of this name. */
const by = (program: string) => (bytes: Buffer) =>
  execFileSync(program, ['-c'], { input: bytes, maxBuffer: 1 << 26 });

/** It checks itself only if it is told to, as zstd(1) does. */
const summed = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };

const packings: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
  ['gzip', gzipSync],
  ['zstd', bytes => zstdCompressSync(bytes, summed)],
  ['xz', by('xz')],
  ['bzip2', by('bzip2')],
];

for (const [name, pack] of packings) {
  check(
    `what ${name} has packed is loaded and imported, and nothing of it if a byte is wrong`,
    { needs },
    async context => {
      const place = await context.scratch();
      using test = openTestGraph(place);
      const { graph } = test;
      const layer = layerOf(place, [
        ['a', 'x'.repeat(20_000)],
        ['b', 'y'],
      ]);
      // The layer alone, the archive alone, and both.
      const outside = saveOf(place, [{ name: 'one:1', layers: [layer] }]);
      for (const bytes of [outside.archive, pack(outside.archive)]) {
        await loadImages(graph, arriving(bytes, 700));
        expect(graph.get('one:1').id).toBe(outside.id);
        removeImage(graph, 'one:1');
      }
      const imported = await importImage(graph, arriving(pack(layer)), { message: '' });
      expect(graph.sizeOf(imported)).toBe(20_001);
      removeImage(graph, imported.id);
      const packed = pack(outside.archive);
      const wrong = Buffer.from(packed);
      wrong[wrong.length >> 1] = (wrong[wrong.length >> 1] ?? 0) ^ 0xff;
      const half = packed.subarray(0, packed.length >> 1);
      for (const bad of [wrong, half, packed.subarray(0, 10)]) {
        await expect(loadImages(graph, arriving(bad))).rejects.toMatchObject({ code: 'INVALID' });
        await expect(importImage(graph, arriving(bad), { message: '' })).rejects.toMatchObject({
          code: 'INVALID',
        });
        expect([graph.images(), graph.driver.list()]).toEqual([[], []]);
      }
    },
  );
}

check('a name in an archive must be one, with its tag', { needs }, async context => {
  const place = await context.scratch();
  using test = openTestGraph(place);
  const { graph } = test;
  const layers = [layerOf(place, [['a', 'x']])];
  for (const [name, words] of [
    ['Bad Name', 'invalid reference format'],
    ['untagged', 'invalid tag "untagged"'],
  ] as const) {
    const { archive } = saveOf(place, [{ name, layers }]);
    await expect(loadImages(graph, arriving(archive))).rejects.toThrow(words);
    expect([graph.images(), graph.driver.list()]).toEqual([[], []]);
  }
});

check('images of a layout that have no names are all loaded', { needs }, async context => {
  const place = await context.scratch();
  using test = openTestGraph(place);
  const { graph } = test;
  const images = ['x', 'y'].map((content, index) => ({
    name: `one:${index}`,
    layers: [layerOf(place, [['a', content]])],
  }));
  await loadImages(graph, arriving(saveOf(place, images).archive));
  const ids = graph.images().map(({ id }) => id);
  // Each by its id: so the archive says no name.
  const parts = await Promise.all(
    ids.map(id => collected(saveArchive(graph, wantedImages(graph, [id])))),
  );
  const script = `set -e; mkdir "$1/l"; cd "$1/l"; for size in $2 $3; do head -c $size | tar x; done
    rm manifest.json`;
  const sizes = parts.map(({ length }) => String(length));
  execFileSync('sh', ['-c', script, 'sh', place, ...sizes], { input: Buffer.concat(parts) });
  const manifests = parts.flatMap(part => {
    const text = execFileSync('tar', ['xO', 'index.json'], { input: part, encoding: 'utf8' });
    return (JSON.parse(text) as { readonly manifests: readonly unknown[] }).manifests;
  });
  writeFileSync(`${place}/l/index.json`, JSON.stringify({ schemaVersion: 2, manifests }));
  for (const id of ids) removeImage(graph, id);
  const layout = execFileSync('tar', ['c', '-C', `${place}/l`, '.'], { maxBuffer: 1 << 26 });
  const loaded = await loadImages(graph, arriving(layout));
  expect(loaded.map(({ image }) => image.id).toSorted()).toEqual(ids.toSorted());
});

check(
  'a saved archive says each name in full, and how large its layers are',
  { needs },
  async t => {
    const place = await t.scratch();
    using test = openTestGraph(place);
    const { graph } = test;
    const layer = layerOf(place, [['a', 'x']]);
    await loadImages(graph, arriving(saveOf(place, [{ name: 'one:1', layers: [layer] }]).archive));
    const saved = await collected(saveArchive(graph, wantedImages(graph, ['one'])));
    const member = (name: string): unknown =>
      JSON.parse(execFileSync('tar', ['xO', name], { input: saved, encoding: 'utf8' }));
    expect(member('index.json')).toMatchObject({
      manifests: [{ annotations: { 'io.containerd.image.name': 'docker.io/library/one:1' } }],
    });
    const [diffId = ''] = graph.get('one:1').config.rootfs.diff_ids;
    const source = { mediaType: 'application/vnd.oci.image.layer.v1.tar', size: layer.length };
    expect(member('manifest.json')).toMatchObject([
      { RepoTags: ['one:1'], LayerSources: { [diffId]: { ...source, digest: diffId } } },
    ]);
    removeImage(graph, 'one:1');
    const [loaded] = await loadImages(graph, arriving(saved));
    expect(loaded?.names.map(({ reference }) => familiarText(reference))).toEqual(['one:1']);
  },
);
