/** `docker cp` into a container, in the words and with the care of Docker's. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { ask, startEngine } from '../../start/engine.fixture.ts';

const needs = ['root', 'native', 'overlay', 'tool:docker'] as const;

check('a copy respects what is there', { needs, timeoutMs: 60_000 }, async t => {
  const folder = await t.scratch();
  mkdirSync(join(folder, 'from/name'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'from/file'), 'new');
  await using engine = await startEngine(folder);
  const docker = (...args: readonly string[]) => ask(engine, 'docker', args);
  const said = (...args: readonly string[]): string => docker(...args).stderr.trim();
  const usual = ['--network', 'none', '-v', 'kept:/ro:ro', '-v', 'open:/rw'];
  const started = docker('run', '-d', '--name', 'box', ...usual, 'busybox', 'sleep', '1000');
  expect(started).toMatchObject({ status: 0 });
  docker('exec', 'box', 'sh', '-c', 'mkdir -p /d/file; echo old >/d/name');
  expect(said('cp', `${folder}/from/.`, 'box:/d')).toBe(
    'Error response from daemon: cannot overwrite directory "/d/file" with non-directory "/d"',
  );
  expect(said('cp', join(folder, 'from/name'), 'box:/d')).toBe(
    'Error response from daemon: cannot overwrite non-directory "/d/name" with directory "/d"',
  );
  expect(said('cp', join(folder, 'from/file'), 'box:/ro/file')).toBe(
    'Error response from daemon: mounted volume is marked read-only',
  );
  expect(docker('cp', `${folder}/from/.`, 'box:/tmp').status).toBe(0);
  // The folder that is copied into stays what it was.
  expect(docker('exec', 'box', 'stat', '-c', '%a', '/tmp').stdout).toBe('1777\n');
  docker('run', '-d', '--read-only', '--name', 'shut', ...usual, 'busybox', 'sleep', '1000');
  expect(said('cp', join(folder, 'from/file'), 'shut:/file')).toBe(
    'Error response from daemon: container rootfs is marked read-only',
  );
  expect(docker('cp', join(folder, 'from/file'), 'shut:/rw/file').status).toBe(0);
  // What counts is where the links lead, also for an archive of nothing.
  docker('exec', 'box', 'sh', '-c', 'ln -s /etc /rw/out; ln -s /rw /d/in');
  docker('commit', 'box', 'linked');
  docker('run', '-d', '--read-only', '--name', 'through', ...usual, 'linked', 'sleep', '1000');
  const nothing = '\0'.repeat(1024);
  const put = (where: string): string =>
    ask(engine, 'docker', ['cp', '-', where], nothing).stderr.trim();
  expect(put('shut:/rw/out/')).toBe(
    'Error response from daemon: container rootfs is marked read-only',
  );
  expect(put('through:/d/in/')).toBe('');
  expect(docker('exec', 'box', 'cat', '/rw/file').stdout).toBe('new');
  docker('rm', '-f', 'box', 'shut', 'through');
});
