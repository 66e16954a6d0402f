/** A daemon that is killed leaves its containers running; the next one has them back. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { openInRoot } from '@slipway/native';
import { busyboxTree, writeTree } from '../../libcontainer/root.ts';
import type { RuntimeSpec } from '../../libcontainer/spec.ts';
import { usualSpec } from '../../libcontainer/usual-spec.fixture.ts';
import { nativeDriver } from './native.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;

interface Orphan {
  readonly folder: string;
  readonly id: string;
  readonly spec: RuntimeSpec;
  readonly pid: number;
}

/** A container whose daemon has been killed. */
async function orphan({ scratch }: CheckContext, script: string): Promise<Orphan> {
  const folder = await scratch();
  mkdirSync(`${folder}/rootfs`);
  writeTree(busyboxTree(), `${folder}/rootfs`);
  const id = `orphan-${process.pid}`;
  const usual = usualSpec(['sh', '-c', script]);
  const spec = { ...usual, linux: { ...usual.linux, cgroupsPath: `/slipway/${id}` } };
  writeFileSync(`${folder}/config.json`, JSON.stringify(spec));
  const daemon = spawn(
    process.execPath,
    ['--import', 'tsx', `${import.meta.dirname}/start-and-die.fixture.ts`, folder, id],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const pid = Number(await text(daemon.stdout));
  return { folder, id, spec, pid };
}

/** Whoever's child it is now may not have reaped it yet. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const logOf = (folder: string): string =>
  readFileSync(`${folder}/log`, 'utf8')
    .split('\n')
    .map(line => (line === '' ? '' : JSON.parse(line).log))
    .join('');

check(
  'one that runs is found again, with its log, its root and its end',
  { needs },
  async context => {
    const left = await orphan(
      context,
      'n=0; while [ ! -e /stop ]; do n=$((n+1)); echo $n; sleep 0.05; done; exit 3',
    );
    await pause(200);
    const driver = nativeDriver({ keepsHome: false });
    const running = await driver.restore(left);
    if (running === undefined) throw new Error('it was not found');
    expect(running.pid).toBe(left.pid);
    const child = await running.exec({
      ...{ id: 'second', stdin: false },
      process: { ...left.spec.process, args: ['touch', '/stop'] },
    });
    expect((await child.wait()).status).toEqual({ code: 0 });
    expect(await running.ended).toMatchObject({ exitCode: 3, oomKilled: false });
    const lines = logOf(left.folder).trim().split('\n').map(Number);
    expect(lines).toEqual(lines.map((_, index) => index + 1));
    using root = await running.root();
    using file = openInRoot(root.descriptor, '/stop');
    expect(file.descriptor).toBeGreaterThan(0);
    await running.release();
    expect(await driver.restore(left)).toBeUndefined();
  },
);

check(
  'one that ended while nobody looked tells its end to the next daemon',
  { needs },
  async context => {
    const left = await orphan(context, 'echo done; sleep 0.2; exit 5');
    await pause(500);
    const running = await nativeDriver({ keepsHome: false }).restore(left);
    expect(await running?.ended).toMatchObject({ exitCode: 5 });
    expect(logOf(left.folder)).toBe('done\n');
    await running?.release();
  },
);

check(
  'one whose keeper was killed is dead, and nothing of it is left',
  { needs },
  async context => {
    const left = await orphan(context, 'sleep 1000 & sleep 1000');
    const status = readFileSync(`/proc/${left.pid}/status`, 'utf8');
    const keeper = Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1]);
    process.kill(keeper, 'SIGKILL');
    const driver = nativeDriver({ keepsHome: false });
    await pause(100);
    expect(await driver.restore(left)).toBeUndefined();
    expect(isAlive(left.pid)).toBe(false);
  },
);

check(
  'a keeper that is killed under a running daemon is told as such',
  { needs },
  async context => {
    const left = await orphan(context, 'sleep 1000');
    const running = await nativeDriver({ keepsHome: false }).restore(left);
    const status = readFileSync(`/proc/${left.pid}/status`, 'utf8');
    process.kill(Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1]), 'SIGKILL');
    await expect(running?.ended).rejects.toThrow('the keeper of container');
    await running?.release();
  },
);
