/**
 * A layer of 200 MB in 12,000 files, beside GNU tar: unpacked, and made into an archive.
 *
 *   npx tsx bench/layers.ts [--rounds N] [--folder DIR]
 *
 * Each round in a fresh folder, the two in turn (A B, B A), and nothing is deleted before the end:
 * ext4 does not hand an inode out again for some minutes, and who comes after a deletion waits for
 * it. `sync` first, so that nobody writes what another one has left. Compare ratios.
 *
 * Ours does more: it checks the digest on the way, and keeps a recipe for the archive.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { applyLayer } from '@slipway/unionfs';
import { diffLayer, digested } from '@slipway/unionfs/layers/diff.ts';
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

interface Contestant {
  readonly name: string;
  readonly times: number[];
  readonly run: (round: number) => Promise<void> | void;
}

function tar(...words: readonly string[]): void {
  execFileSync('tar', words, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function ours(round: number): Promise<void> {
  const recipe = `${place}/recipe-${round}`;
  await applyLayer(`${place}/layer.tar`, `${place}/ours-${round}`, { recipe });
}

function gnu(round: number): void {
  mkdirSync(`${place}/gnu-${round}`);
  tar('-xpf', `${place}/layer.tar`, '-C', `${place}/gnu-${round}`);
}

/** Into a pipe: GNU tar reads no content at all if it writes to /dev/null itself. */
function gnuCreate(): void {
  const script = 'tar --format=posix --sort=name -cf - -C "$0" . | sha256sum >/dev/null';
  execFileSync('sh', ['-c', script, `${place}/tree`]);
}

function oursCreate(): void {
  const layer = digested(diffLayer({ tree: `${place}/tree` }));
  for (const piece of layer) void piece;
  layer.digest();
}

async function compare(title: string, contestants: readonly Contestant[]): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const one of round % 2 === 0 ? contestants : contestants.toReversed()) {
      execFileSync('sync');
      const start = performance.now();
      await one.run(round);
      one.times.push(performance.now() - start);
    }
  }
  const medians = contestants.map(({ times }) => median(times));
  const [first = 1] = medians;
  console.log(`\n${title}`);
  for (const [index, { name, times }] of contestants.entries()) {
    const own = medians[index] ?? 0;
    const all = times.map(time => time.toFixed(0)).join(' ');
    console.log(
      `  ${name.padEnd(16)} ${own.toFixed(0).padStart(6)} ms  ` +
        `${(own / first).toFixed(2)} x   (${all})`,
    );
  }
}

try {
  mkdirSync(`${place}/tree`);
  makeTree(`${place}/tree`);
  tar('--format=posix', '-cf', `${place}/layer.tar`, '-C', `${place}/tree`, '.');
  await ours(-1);
  gnu(-1);
  await compare('A layer of 200 MB, 12,000 files: unpacked', [
    { name: 'GNU tar', times: [], run: gnu },
    { name: 'applyLayer', times: [], run: ours },
  ]);
  await compare('The same tree: made into an archive, its digest with it', [
    { name: 'tar | sha256sum', times: [], run: gnuCreate },
    { name: 'diffLayer', times: [], run: oursCreate },
  ]);
  console.log(`\n${describeMachine()}`);
} finally {
  rmSync(place, { recursive: true, force: true });
}
