/**
 * `run --rm busybox true`, from the command line: by the genuine client, if it is there, by ours in
 * one file as it is packaged, and by its sources. Each round is a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundle } from '../../../final/client/bundle.ts';
import type { Row } from '../bytes/row.ts';
import type { Group } from '../bytes/stage.ts';

const sources = join(import.meta.dirname, '../../../final/bin/slipway.mjs');
const node = [process.execPath];
const pauseMs = 50;

export const commands: Group = {
  title: 'run --rm busybox true, by a command',
  run: async ({ engine: { socket }, rounds }) => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'slipway-bundle-'));
    await bundle(folder.path);
    const run = ['-H', `unix://${socket}`, 'run', '--rm', 'busybox', 'true'];
    const subjects = [
      { name: 'docker', argv: ['docker', ...run], budget: 50 },
      { name: 'slipway', argv: [...node, join(folder.path, 'slipway.js'), ...run], budget: 100 },
      { name: 'slipway, its sources', argv: [...node, sources, ...run], budget: undefined },
    ].filter(({ argv: [program = ''] }) => spawnSync(program, ['--version']).status === 0);
    const rows = subjects.map(({ name, argv, budget }) => ({ name, argv, budget, figures: [0] }));
    for (const row of rows) row.figures.pop();
    for (let round = -2; round < rounds * 4; round += 1) {
      for (const { argv, figures } of rows) {
        const took = timedRun(argv);
        if (round >= 0) figures.push(took);
        await sleep(pauseMs);
      }
    }
    return rows.map(({ name, figures, budget }): Row => ({ name, unit: 'ms', figures, budget }));
  },
};

/** @throws Error if it fails */
function timedRun([program = '', ...args]: readonly string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${status} ${stderr}`);
  return performance.now() - began;
}
