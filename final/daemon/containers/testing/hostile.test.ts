/** A container that moves its files about while the engine reads and writes them: it gets nowhere. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { ask, startEngine } from '../../start/engine.fixture.ts';

const needs = ['root', 'native', 'overlay', 'tool:docker'] as const;

const secret = 'what the host alone knows';

/** In turn a folder with a file, and a link to the host's folder of the same path. */
const swap = (host: string): string =>
  [
    'mkdir -p /a /b /real/in; echo inside > /real/in/file; echo inside > /real/file',
    `ln -s ${host} /outside; ln -s / /up; ln -s /proc/1/root${host} /b/round; ln -s ../../../..${host} /b/dots`,
    'i=0; while :; do mv /real /a/t 2>/dev/null; mv /outside /real 2>/dev/null;',
    'mv /real /outside 2>/dev/null; mv /a/t /real 2>/dev/null; done',
  ].join('\n');

check(
  'no path leads out of a container, also while it changes',
  { needs, timeoutMs: 120_000 },
  async t => {
    const folder = await t.scratch();
    const host = join(folder, 'host');
    mkdirSync(join(host, 'in'), { recursive: true });
    for (const name of ['file', 'in/file']) writeFileSync(join(host, name), secret);
    await using engine = await startEngine(folder);
    const docker = (...args: readonly string[]) => ask(engine, 'docker', args);
    docker('run', '-d', '--network', 'none', '--name', 'box', 'busybox', 'sh', '-c', swap(host));
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, 'sent'), 'sent');
    const paths = ['/real/file', '/real/in/file', '/real', '/b/round/file', '/b/dots/file'];
    for (let round = 0; round < 4; round += 1) {
      for (const path of [...paths, `/up/../..${host}/file`, `/proc/1/root${host}/file`]) {
        docker(
          'cp',
          '-L',
          `box:${path}`,
          join(folder, 'out', `${round}-${path.replaceAll('/', '_')}`),
        );
        docker('cp', join(folder, 'sent'), `box:${path}`);
      }
      docker('cp', join(folder, 'sent'), 'box:/real/planted');
      docker('exec', '-w', '/real/in', 'box', 'touch', 'planted');
      docker('exec', '-u', 'nobody', 'box', 'true');
      docker('export', '-o', join(folder, 'out', `export-${round}`), 'box');
    }
    docker('commit', 'box', 'committed');
    docker('save', '-o', join(folder, 'out', 'saved'), 'committed');
    expect(docker('exec', 'box', 'true').status).toBe(0);
    const found = spawnSync('grep', ['-rl', secret, join(folder, 'out')], { encoding: 'utf8' });
    expect(found.stdout).toBe('');
    expect([readdirSync(host), readdirSync(join(host, 'in'))]).toEqual([['file', 'in'], ['file']]);
    expect(existsSync(join(folder, 'out/saved'))).toBe(true);
    docker('rm', '-f', 'box');
  },
);

check(
  'an image cannot lead its container, or who looks into it, outside',
  { needs, timeoutMs: 120_000 },
  async t => {
    const folder = await t.scratch();
    const [host, tree] = [join(folder, 'host'), join(folder, 'tree')];
    for (const place of [host, tree, join(tree, 'etc')]) mkdirSync(place);
    writeFileSync(join(host, 'passwd'), 'evil:x:4242:4242::/root:/bin/sh\n');
    const link = (target: string, name: string) =>
      spawnSync('ln', ['-s', target, join(tree, name)]);
    for (const name of [
      'door',
      'etc/mtab',
      'etc/hosts',
      'etc/resolv.conf',
      'dev',
      'proc',
      'data',
    ]) {
      link(host, name);
    }
    link(join(host, 'passwd'), 'etc/passwd');
    spawnSync('mkfifo', [join(tree, 'etc/group')]);
    spawnSync('cp', ['/bin/busybox', join(tree, 'busybox')]);
    await using engine = await startEngine(folder);
    const tar = spawnSync('tar', ['-c', '-C', tree, '.'], { maxBuffer: 2 ** 26 }).stdout;
    writeFileSync(join(folder, 'tree.tar'), tar);
    const docker = (...args: readonly string[]) => ask(engine, 'docker', args);
    expect(docker('import', join(folder, 'tree.tar'), 'hostile').status).toBe(0);
    const run = (...args: readonly string[]) => docker('run', '--rm', '--network', 'none', ...args);
    // Each is refused or stays inside; none of it hangs, and the host is as it was.
    const runs = [
      run('-w', '/door/made', 'hostile', '/busybox', 'pwd'),
      run('-u', 'evil', 'hostile', '/busybox', 'id'),
      run('-v', '/data', 'hostile', '/busybox', 'touch', '/data/planted'),
      run('-v', `${folder}/tree:/data/deep`, 'hostile', '/busybox', 'true'),
      run('--tmpfs', '/door', 'hostile', '/busybox', 'true'),
    ];
    expect(runs[1]?.stderr).toContain('unable to find user evil');
    docker('create', '--name', 'made', 'hostile', '/busybox', 'true');
    docker('cp', join(folder, 'tree.tar'), 'made:/door/planted');
    docker('cp', 'made:/etc/group', join(folder, 'group'));
    docker('rm', '-f', 'made');
    expect(readdirSync(host)).toEqual(['passwd']);
    expect(docker('ps', '-aq').stdout).toBe('');
  },
);

check('a working directory behind a link is made in the container', { needs }, async t => {
  const folder = await t.scratch();
  const host = join(folder, 'host');
  mkdirSync(host);
  await using engine = await startEngine(folder);
  const docker = (...args: readonly string[]) => ask(engine, 'docker', args);
  const script = `ln -s ${host} /out; ln -s ../../../..${host}/deep /up; ln -s b /a; ln -s a /b`;
  docker('run', '--network', 'none', '--name', 'links', 'busybox', 'sh', '-c', script);
  docker('commit', 'links', 'linked');
  const run = (place: string) =>
    docker('run', '--rm', '--network', 'none', '-w', place, 'linked', 'pwd', '-P');
  expect(run('/out').stdout).toBe(`${host}\n`);
  expect(run('/up/new').stdout).toBe(`${host}/deep/new\n`);
  expect(run('/a/x').stderr).toContain('too many levels of symbolic links');
  expect(readdirSync(host)).toEqual([]);
  docker('rm', 'links');
});
