import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { z } from 'zod';
import { startEngine, type TestEngine } from '../daemon/start/engine.fixture.ts';

const here = import.meta.dirname;
const needs = [
  ...(['root', 'native', 'overlay', 'tool:docker', 'tool:python3', 'tool:curl'] as const),
  'tool:nsenter',
] as const;

const report = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      result: z.enum(['same', 'different', 'not run']),
      text: z.string().optional(),
    }),
  ),
});

/** The client that spoke when the answers were recorded: another one asks otherwise. */
const recordedWith = '28.2.2';

/** `name  why it differs`, one a line; with a `~` in front: why it may differ or not. */
function knownDifferences(): ReadonlyMap<string, 'always' | 'sometimes'> {
  const lines = readFileSync(join(here, 'differences.txt'), 'utf8').split('\n');
  const entries = lines.filter(line => line !== '' && !line.startsWith('#'));
  return new Map(
    entries.map(line => {
      const isRace = line.startsWith('~');
      const name = line.replace(/^~\s*/, '').split(/\s+/)[0] ?? '';
      return [name, isRace ? 'sometimes' : 'always'];
    }),
  );
}

/** Every case of a folder, put to the engine on its own host: a published port is one of that. */
function compared(
  { socket, pid }: Pick<TestEngine, 'socket' | 'pid'>,
  folder: string,
): z.output<typeof report>['cases'] {
  const there = `--net=/proc/${pid}/ns/net`;
  const args = [there, './run', '--host', `unix://${socket}`, '--json', folder];
  const run = spawnSync('nsenter', args, { cwd: here, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return report.parse(JSON.parse(run.stdout || `{"error":${JSON.stringify(run.stderr)}}`)).cases;
}

check(
  'the engine answers the docker client as Docker does, but for what is listed with its reason',
  { needs, timeoutMs: 1_200_000 },
  async t => {
    const version = /\d+\.\d+\.\d+/.exec(spawnSync('docker', ['--version']).stdout.toString())?.[0];
    if (version !== recordedWith) {
      t.skip(`NOT RUN: the answers were recorded with docker ${recordedWith}, this is ${version}`);
    }
    if (!existsSync('/bin/busybox')) t.skip('NOT RUN: needs a static busybox in /bin');
    await using engine = await startEngine(await t.scratch());
    const cases = ['cases', 'own'].flatMap(folder => compared(engine, folder));
    const known = knownDifferences();
    const news = cases.filter(one => one.result !== 'same' && !known.has(one.name));
    expect(news.map(({ name, text }) => `${name}\n${text}`).join('\n\n')).toBe('');
    const gone = cases.filter(one => one.result === 'same' && known.get(one.name) === 'always');
    expect(gone.map(({ name }) => `${name} is the same by now: strike it out`)).toEqual([]);
  },
);
