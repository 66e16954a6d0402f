/** The command line of chapter 05, as it is typed: each run is a process of its own. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { undoAll } from '@slipway/lab';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { findByCommandLine } from '@slipway/lab/checkpoint.ts';
import { busyboxTree, writeTree } from '@slipway/rootfs';
import { expect } from 'vitest';
import { boxImage } from './experiments/box-image.ts';
import { waitFor } from './experiments/run-command.ts';

const needs = ['root', 'native', 'overlay', 'tool:busybox', 'tool:tar'] as const;

interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

interface Place {
  readonly folder: string;
  readonly root: string;
  readonly home: string;
  run(...words: readonly string[]): Promise<Answer>;
}

async function prepare(context: CheckContext): Promise<Place> {
  const folder = await context.scratch();
  const [root, home] = [`${folder}/root`, `${folder}/home`];
  for (const path of [home, `${folder}/state`]) mkdirSync(path);
  writeTree(busyboxTree(), root);
  writeFileSync(`${home}/letter`, 'text');
  const env = { ...process.env, SLIPWAY_STATE: `${folder}/state` };
  const args = ['--import', 'tsx', `${import.meta.dirname}/run.ts`];
  const run = (...words: readonly string[]): Promise<Answer> =>
    new Promise(resolve => {
      const options = { env, cwd: import.meta.dirname };
      execFile(
        process.execPath,
        [...args, ...words],
        options,
        (error, stdout, stderr) => {
          resolve({ stdout, stderr, status: Number(error?.code ?? 0) });
        },
      );
    });
  return { folder, root, home, run };
}

check('the verbs answer as those of docker volume', { needs }, async context => {
  const { run, folder } = await prepare(context);
  expect((await run('volume', 'ls')).stdout).toBe('DRIVER    VOLUME NAME\n');
  expect((await run('volume', 'create', 'data')).stdout).toBe('data\n');
  expect((await run('volume', 'ls', '-q')).stdout).toBe('data\n');
  const { stdout } = await run('volume', 'inspect', 'data');
  expect(JSON.parse(stdout)).toMatchObject([
    {
      Driver: 'local',
      Mountpoint: `${folder}/state/volumes/data/_data`,
      Name: 'data',
      Scope: 'local',
      UsageData: { RefCount: 0 },
    },
  ]);
  const removed = await run('volume', 'rm', 'none', 'data');
  expect(removed).toMatchObject({ stdout: 'data\n', status: 1 });
  expect(removed.stderr).toBe(
    'slipway: volume "none": there is no such volume: volume ls lists them\n',
  );
  expect((await run('volume', 'paint')).status).toBe(125);
});

check('--mount is a switch and has a value', { needs }, async context => {
  const { run, root, home } = await prepare(context);
  const count = ['sh', '-c', 'grep -c " /[ht] " /proc/self/mountinfo'];
  const options = ['--mount', `type=bind,src=${home},dst=/h`, '--mount', '--mount'];
  const words = ['--rootfs', root, ...options, 'type=tmpfs,dst=/t', '--', ...count];
  expect(await run(...words)).toMatchObject({ stdout: '2\n', status: 0 });
  const alone = await run('--mount', '--', 'readlink', '/proc/self/ns/mnt');
  expect(alone.stdout).toMatch(/^mnt:\[\d+\]\n$/);
});

check('--explain makes no volume and no folder', { needs }, async context => {
  const { run, root, folder } = await prepare(context);
  const volumes = ['-v', 'data:/data', '-v', `${folder}/none:/none`, '--tmpfs', '/t'];
  const { stdout } = await run('--rootfs', root, ...volumes, '--explain', '--', 'sh');
  expect(stdout).toMatch(/"\/data"[^]*"\/none"[^]*"\/t"[^]*pivot_root/);
  expect(readdirSync(folder).toSorted()).toEqual(['home', 'root', 'state']);
  expect((await run('volume', 'ls', '-q')).stdout).toBe('');
});

check('without a root of their own volumes are refused', { needs }, async context => {
  const { run, home } = await prepare(context);
  const { stderr, status } = await run('-v', `${home}:/x`, '--', 'true');
  expect(status).toBe(125);
  expect(stderr).toContain("it would lie on this machine's files");
});

check(
  'a container whose volumes are refused leaves no record',
  { needs },
  async context => {
    const place = await prepare(context);
    const image = ['--image', boxImage(place), '--name', 'box'];
    const wrong = ['-v', `${place.home}/letter:/etc`];
    const refused = await place.run(...image, ...wrong, '--', 'true');
    expect(refused.stderr).toContain('only like covers like');
    expect((await place.run('ps')).stdout.trim().split('\n')).toHaveLength(1);
    const right = ['-v', `${place.home}:/test`];
    const again = await place.run(...image, ...right, '--', 'cat', '/test/letter');
    expect(again).toMatchObject({ stdout: 'text', status: 0 });
    expect((await place.run('diff', 'box')).stdout).toBe('A /test\n');
  },
);

check('a killed runtime leaves no mount and no claim', { needs }, async context => {
  const { run, root, home, folder } = await prepare(context);
  const sleep = ['sleep', String(300_000 + process.pid)];
  const volumes = ['-v', 'data:/data', '-v', `${home}:/home`];
  const ended = run('--rootfs', root, ...volumes, '--', ...sleep);
  const application = await waitFor(sleep);
  const parent = /^PPid:\s*(\d+)$/m.exec(statusOf(application))?.[1];
  process.kill(Number(parent), 'SIGKILL');
  await ended;
  while (findByCommandLine(sleep) !== undefined) await new Promise(setImmediate);
  expect((await run('volume', 'rm', 'data')).stdout).toBe('data\n');
  // Its control group is in the ledger, as chapter 02 has it.
  await undoAll({ path: `${folder}/state/ledger.jsonl` });
});

function statusOf(pid: number): string {
  return readFileSync(`/proc/${pid}/status`, 'utf8');
}
