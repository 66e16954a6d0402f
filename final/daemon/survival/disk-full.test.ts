/** No room on the disk: an error in words that people know, nothing half there, and no end of it. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import type { TestEngine } from '../start/engine.fixture.ts';
import { openGround, request, type Answered } from './ground.fixture.ts';

const needs = ['root', 'native', 'overlay', 'nftables', 'tool:nft'] as const;

const megabyte = 2 ** 20;

/** A small disk of its own. */
function smallDisk(place: string, megabytes: number): Disposable & { fill(left: number): void } {
  mkdirSync(place, { recursive: true });
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'slipway-test', place]);
  return {
    fill: left => {
      rmSync(join(place, 'filler'), { force: true });
      if (left < 0) return;
      writeFileSync(join(place, 'slack'), Buffer.alloc(left, 1));
      spawnSync('sh', ['-c', `cat /dev/zero > ${join(place, 'filler')}`]);
      rmSync(join(place, 'slack'));
    },
    [Symbol.dispose]: () => spawnSync('umount', ['-l', place]),
  };
}

function tarOf(folder: string, bytes: number): Buffer {
  const tree = join(folder, `tree-${bytes}`);
  mkdirSync(tree);
  for (let left = bytes; left > 0; left -= megabyte) {
    writeFileSync(join(tree, `f${left}`), randomBytes(Math.min(left, megabyte)));
  }
  return spawnSync('tar', ['-c', '-C', tree, '.'], { maxBuffer: 2 ** 28 }).stdout;
}

const noSpace = /no space left on device/i;

check('a full disk is an error, and no more than that', { needs, timeoutMs: 120_000 }, async t => {
  await using ground = await openGround(t);
  const { folder } = ground;
  using disk = smallDisk(join(folder, 'data'), 40);
  let daemon = await ground.start();
  const ask = (method: string, path: string, body?: object | Buffer): Promise<Answered> =>
    request(daemon, method, path, body);
  const make = (name: string, body: object = {}) =>
    ask('POST', `/containers/create?name=${name}`, {
      Image: 'busybox',
      Cmd: ['sleep', '999'],
      ...body,
    });
  const big = tarOf(folder, 8 * megabyte);
  await ask('POST', '/images/create?fromSrc=-&repo=big', big);
  const archive = await saved(daemon, folder);
  await ask('DELETE', '/images/big');
  const talks = ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done'];
  for (const name of ['runs', 'waits', 'ends']) await make(name);
  await make('talks', { Cmd: talks });
  for (const name of ['runs', 'ends', 'talks']) await ask('POST', `/containers/${name}/start`);
  await ask('POST', '/containers/runs/exec', {});

  // Some room, but not enough: it begins, and cannot go on.
  disk.fill(2 * megabyte);
  const refused = [
    await ask('POST', '/images/load', archive),
    await ask('POST', '/images/create?fromSrc=-&repo=big', big),
    await ask('PUT', '/containers/runs/archive?path=/', big),
    await ask('PUT', '/containers/waits/archive?path=/', big),
  ];
  for (const { text } of refused) expect(text).toMatch(noSpace);
  expect(refused.map(({ status }) => status)).toEqual([200, 500, 500, 500]);

  // None at all: what only looks and what makes room goes on.
  disk.fill(0);
  const none = [
    await make('never'),
    await ask('POST', '/containers/waits/start'),
    await ask('POST', '/commit?container=runs&repo=never'),
    await ask('POST', '/images/load', archive),
    await ask('POST', '/volumes/create', { Name: 'never' }),
    await ask('POST', '/networks/create', { Name: 'never' }),
    await ask('POST', '/containers/runs/rename?name=never'),
  ];
  for (const { text } of none) expect(text).toMatch(noSpace);
  for (const { status } of none) expect([200, 500]).toContain(status);
  expect((await ask('GET', '/containers/json?all=1')).status).toBe(200);
  expect((await ask('POST', '/containers/ends/kill')).status).toBe(204);
  expect((await ask('GET', '/containers/ends/json')).body.State).toMatchObject({
    ...{ Status: 'exited', ExitCode: 137 },
  });
  expect((await ask('DELETE', '/containers/ends?force=1')).text).toBe('');

  disk.fill(-1);
  const ids = (await ask('GET', '/containers/json?all=1')).text;
  expect(ids).not.toContain('never');
  expect((await ask('POST', '/containers/waits/start')).status).toBe(204);
  expect((await ask('POST', '/images/load', archive)).text).toContain('Loaded image: big');
  expect((await make('never')).status).toBe(201);
  // What was begun of a volume goes with the next one.
  expect((await ask('POST', '/volumes/create', { Name: 'later' })).status).toBe(201);
  for (const name of ['never', 'waits']) await ask('DELETE', `/containers/${name}?force=1`);
  await ask('DELETE', '/images/big');

  // What was not written down when it happened is, by now.
  await daemon.end('SIGKILL');
  daemon = await ground.start();
  const state = (await ask('GET', '/containers/runs/json')).body.State;
  expect([state.Status, statSync(`/proc/${state.Pid}`).isDirectory()]).toEqual(['running', true]);
  expect((await ask('GET', '/containers/ends/json')).status).toBe(404);
  expect(ground.traces().filter(one => /staged-|\.new-|\.old-/.test(one))).toEqual([]);
  expect(ids).not.toContain('"/ends"');
  const lines = (await ask('GET', '/containers/talks/logs?stdout=1&tail=3')).text;
  expect(lines).toMatch(/\d/);
  for (const name of ['runs', 'talks']) await ask('DELETE', `/containers/${name}?force=1`);
  await daemon.end('SIGTERM');
});

check(
  'a daemon begins on a full disk with all that it had',
  { needs, timeoutMs: 60_000 },
  async t => {
    await using ground = await openGround(t);
    using disk = smallDisk(join(ground.folder, 'data'), 30);
    const first = await ground.start();
    const image = { Image: 'busybox', Cmd: ['sleep', '999'] };
    await request(first, 'POST', '/containers/create?name=kept', image);
    await first.end('SIGTERM');
    disk.fill(0);
    const daemon = await ground.start();
    expect((await request(daemon, 'GET', '/containers/json?all=1')).text).toContain('"/kept"');
    // Its files can be read, but an overlay without room to work in cannot be written to.
    const path = '/containers/kept/archive?path=/bin/busybox';
    expect((await request(daemon, 'GET', path)).status).toBe(200);
    const file = tarOf(ground.folder, 1000);
    for (const { status, text } of [
      await request(daemon, 'PUT', '/containers/kept/archive?path=/', file),
      await request(daemon, 'POST', '/containers/kept/start'),
      await request(daemon, 'POST', '/containers/create', image),
      await request(daemon, 'POST', '/volumes/create', { Name: 'none' }),
    ]) {
      expect([status, text]).toEqual([500, expect.stringMatching(/no space left on device"}$/m)]);
    }
    await daemon.end('SIGTERM');
    disk.fill(-1);
    const last = await ground.start();
    expect((await request(last, 'POST', '/containers/kept/start')).status).toBe(204);
    expect((await request(last, 'DELETE', '/containers/kept?force=1')).status).toBe(204);
    expect(ground.traces().filter(one => /broken-|probe|copy\.new/.test(one))).toEqual([]);
    await last.end('SIGTERM');
  },
);

async function saved(daemon: TestEngine, folder: string): Promise<Buffer> {
  const file = join(folder, 'big.tar');
  const curl = ['-sS', '--unix-socket', daemon.socket, '-o', file];
  spawnSync('curl', [...curl, 'http://localhost/v1.45/images/big/get']);
  return readFileSync(file);
}
