/**
 * An image of 200 MB in 12,000 files, beside GNU tar: loaded, saved, and committed by a container.
 *
 *   npx tsx bench/images.ts [--rounds N] [--folder DIR]
 *
 * Each round in a graph of its own, the contestants in turn (A B, B A), `sync` first, and nothing
 * is deleted before the end: ext4 does not hand an inode out again for some minutes. Compare
 * ratios.
 *
 * What is measured is the graph itself, without HTTP. `load` reads, hashes and unpacks; `save`
 * reads and hashes; `commit` does both, of a container that wrote all of it.
 */
import { execFileSync } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { commitContainer } from '../final/graph/archives/commit.ts';
import { loadImages } from '../final/graph/archives/load.ts';
import { saveArchive, wantedImages } from '../final/graph/archives/save.ts';
import { shownConfig } from '../final/graph/images/inspect.ts';
import { openTestGraph, saveOf, layerOf } from '../final/graph/testing/graph.fixture.ts';
import { describeMachine } from './measure/machine.ts';
import { makeTree, median } from './tree.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    folder: { type: 'string', default: '/var/tmp' },
  },
});
const rounds = Number(values.rounds);
const place = mkdtempSync(`${values.folder}/slipway-bench-`);

const times = new Map<string, number[]>();

async function timed(name: string, act: () => unknown): Promise<void> {
  execFileSync('sync');
  const start = performance.now();
  await act();
  times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
}

function tar(...words: readonly string[]): void {
  execFileSync('tar', words, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function round(number: number): Promise<void> {
  const own = `${place}/${number}`;
  mkdirSync(own);
  using test = openTestGraph(own);
  const { graph } = test;
  const gnu = (): void => {
    mkdirSync(`${own}/gnu`);
    tar('-xpf', `${place}/layer.tar`, '-C', `${own}/gnu`);
  };
  const load = (): Promise<unknown> =>
    loadImages(graph, createReadStream(`${place}/image.tar`, { highWaterMark: 65_536 }));
  const first = number % 2 === 0;
  if (first) await timed('GNU tar extracts', gnu);
  await timed('load', load);
  if (!first) await timed('GNU tar extracts', gnu);
  await timed('save', async () => {
    for await (const piece of saveArchive(graph, wantedImages(graph, ['big:1']))) void piece;
  });
  const id = String(number).padStart(64, 'c');
  await graph.containers.create(id, graph.get('small:1'));
  {
    using root = await graph.containers.open(id);
    tar('-xpf', `${place}/layer.tar`, '-C', root.upper);
  }
  const config = shownConfig({});
  const image = graph.get('small:1').id;
  await timed('commit', () => commitContainer(graph, { container: id, image, config }));
}

try {
  mkdirSync(`${place}/tree`);
  makeTree(`${place}/tree`);
  tar('--format=posix', '-cf', `${place}/layer.tar`, '-C', `${place}/tree`, '.');
  const layers = [execFileSync('cat', [`${place}/layer.tar`], { maxBuffer: 1 << 30 })];
  const small = layerOf(place, [['a', 'x']]);
  const images = [
    { name: 'big:1', layers },
    { name: 'small:1', layers: [small] },
  ];
  writeFileSync(`${place}/image.tar`, saveOf(place, images).archive);
  await round(-1);
  times.clear();
  for (let number = 0; number < rounds; number += 1) await round(number);
  const base = median(times.get('GNU tar extracts') ?? []);
  console.log('\nAn image of 200 MB, 12,000 files');
  for (const [name, all] of times) {
    const own = median(all);
    console.log(
      `  ${name.padEnd(18)} ${own.toFixed(0).padStart(6)} ms  ` +
        `${(own / base).toFixed(2)} x   (${all.map(time => time.toFixed(0)).join(' ')})`,
    );
  }
  console.log(`\n${describeMachine()}`);
} finally {
  rmSync(place, { recursive: true, force: true });
}
