/**
 * Output of a container on its way through its keeper, beside a plain pipe between two programs.
 *
 *   npx tsx bench/output.ts [--rounds N] [--megabytes N] [--folder DIR]
 *
 * One program writes lines of 80 bytes as fast as it may; another reads and throws them away. In
 * between: nothing; the keeper, raw and in Docker's frames; the keeper's json-file log, turned over
 * at 64 MB in `folder` (a log has no reader). The memory is the keeper's: at rest, and right after
 * all of it; a second later it is at rest again.
 */
import { execFileSync, spawn as start } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openPair, startKeeper, step, type KeptRequest } from '@slipway/native';
import { buildFlood } from './build.ts';
import { describeMachine } from './measure/machine.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    megabytes: { type: 'string', default: '1000' },
    folder: { type: 'string', default: '/var/tmp' },
  },
});
const rounds = Number(values.rounds);
const bytes = Number(values.megabytes) * 1e6;
const flood = buildFlood();
const place = mkdtempSync(`${values.folder}/slipway-bench-`);

async function plainPipe(): Promise<void> {
  const script = `${flood} ${bytes} | ${flood}`;
  await once(start('sh', ['-c', script], { stdio: 'inherit' }), 'exit');
}

const keeper = await startKeeper({ folder: place });

/** Resolves when the child has ended and, if there is a reader, so has that one. */
async function kept(wishes: Pick<KeptRequest, 'log' | 'sinks'>): Promise<void> {
  const program = [step.exec([flood, `${bytes}`], [])];
  const child = await keeper.spawn({ name: 'flood', program, ...wishes });
  await child.wait();
}

async function attached(isFramed: boolean): Promise<void> {
  using pair = openPair();
  const reader = start(flood, [], { stdio: [pair.stream, 'ignore', 'inherit'] });
  const ended = once(reader, 'exit');
  pair.stream.destroy();
  const { descriptor } = pair;
  await kept({ sinks: [{ descriptor, isFramed, atEnd: 'shutdown' }] });
  await ended;
}

const logged = (): Promise<void> =>
  kept({ log: { folder: place, file: 'log', maxBytes: 64e6, maxFiles: 2 } });

function keeperKb(): number {
  const rollup = readFileSync(`/proc/${keeper.pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1]);
}

const contestants = [
  { name: 'a plain pipe', run: plainPipe, times: [] as number[] },
  { name: 'attached, raw', run: () => attached(false), times: [] as number[] },
  { name: 'attached, framed', run: () => attached(true), times: [] as number[] },
  { name: 'json-file log', run: logged, times: [] as number[] },
];

try {
  console.log(`${values.megabytes} MB in lines of 80 bytes; a keeper at rest has ${keeperKb()} kB`);
  for (let round = 0; round < rounds; round += 1) {
    for (const one of round % 2 === 0 ? contestants : contestants.toReversed()) {
      execFileSync('sync');
      const begin = performance.now();
      await one.run();
      one.times.push(performance.now() - begin);
    }
  }
  for (const { name, times } of contestants) {
    const speeds = times.map(time => bytes / time / 1000).toSorted((a, b) => a - b);
    const median = speeds[Math.floor(speeds.length / 2)] ?? 0;
    const all = speeds.map(speed => speed.toFixed(0)).join(' ');
    console.log(`  ${name.padEnd(18)}${median.toFixed(0).padStart(6)} MB/s   (${all})`);
  }
  console.log(`  the keeper afterwards: ${keeperKb()} kB\n\n${describeMachine()}`);
} finally {
  await keeper.bye();
  rmSync(place, { recursive: true, force: true });
}
