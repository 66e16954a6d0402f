/** The daemon is killed at each step of what it does; the next one finds nothing half done. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { failpoints, type Failpoint } from '../../engine/failpoints.ts';
import type { TestEngine } from '../start/engine.fixture.ts';
import {
  openGround,
  request,
  type Answered,
  type Ground,
  type ShownState,
} from './ground.fixture.ts';

const needs = ['root', 'native', 'overlay', 'nftables', 'tool:nft'] as const;

interface Scene {
  readonly daemon: TestEngine;
  /** Of the container that it happens to. */
  readonly id: string;
  readonly archive: Buffer;
}

const subject = {
  Image: 'busybox',
  Cmd: ['sh', '-c', 'echo written > /file; exec sleep 1000'],
  Volumes: { '/data': {} },
  WorkingDir: '/made/here',
  ExposedPorts: { '80/tcp': {} },
  HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '18080' }] } },
};

const ask = ({ daemon }: Pick<Scene, 'daemon'>, method: string, path: string, body?: object) =>
  request(daemon, method, path, body);
const create = (scene: Pick<Scene, 'daemon'>) =>
  ask(scene, 'POST', '/containers/create?name=subject', subject);
const on = (verb: string) => (scene: Scene) =>
  ask(scene, 'POST', `/containers/${scene.id}/${verb}`);
const remove = (scene: Scene) => ask(scene, 'DELETE', `/containers/${scene.id}?v=1&force=1`);

interface Verb {
  /** How the container is before: not there, made, running or ended. */
  readonly before: 'nothing' | 'made' | 'running' | 'ended';
  readonly act: (scene: Scene) => Promise<Answered>;
  /** What it answers when it is done again: it may have been done already. */
  readonly again: readonly number[];
}

const verbs: Readonly<Record<string, Verb>> = {
  create: { before: 'nothing', act: create, again: [201, 409] },
  start: { before: 'made', act: on('start'), again: [204, 304] },
  stop: { before: 'running', act: on('kill'), again: [204, 409] },
  rm: { before: 'ended', act: remove, again: [204, 404] },
  load: {
    before: 'nothing',
    act: ({ daemon, archive }) => request(daemon, 'POST', '/images/load', archive),
    again: [200],
  },
  commit: {
    before: 'running',
    act: scene => ask(scene, 'POST', `/commit?container=${scene.id}&repo=committed`),
    again: [201],
  },
};

/** An image that is here no more, as `docker save` wrote it. */
async function savedImage(daemon: TestEngine, ground: Ground): Promise<Buffer> {
  mkdirSync(`${ground.folder}/tree`);
  writeFileSync(`${ground.folder}/tree/file`, 'of another image\n');
  const tar = spawnSync('tar', ['-c', '-C', `${ground.folder}/tree`, '.']).stdout;
  await request(daemon, 'POST', '/images/create?fromSrc=-&repo=other', tar);
  const file = `${ground.folder}/other.tar`;
  const curl = ['-sS', '--unix-socket', daemon.socket, '-o', file];
  spawnSync('curl', [...curl, 'http://localhost/v1.45/images/other/get']);
  await request(daemon, 'DELETE', '/images/other');
  return readFileSync(file);
}

async function prepare(daemon: TestEngine, { before }: Verb): Promise<string> {
  if (before === 'nothing') return 'subject';
  const { Id: id } = (await create({ daemon })).body;
  if (before === 'made') return id;
  const scene = { daemon, id, archive: Buffer.alloc(0) };
  await on('start')(scene);
  if (before === 'ended') await on('kill')(scene);
  return id;
}

/** What is said of it is so: its process is there, or none is. */
async function stateOf(scene: Scene): Promise<ShownState | undefined> {
  const { status, body } = await ask(scene, 'GET', `/containers/${scene.id}/json`);
  if (status === 404) return undefined;
  const state = body.State;
  expect(['created', 'running', 'exited']).toContain(state.Status);
  expect(existsSync(`/proc/${state.Pid}/root/bin`)).toBe(state.Running);
  if (state.Status === 'exited') expect(state.ExitCode).toBe(137);
  return state;
}

async function clear(scene: Scene): Promise<void> {
  await remove({ ...scene, id: 'subject' });
  // What is committed twice has lost its name to the second.
  await ask(scene, 'POST', '/images/prune');
  for (const name of ['other', 'committed']) await ask(scene, 'DELETE', `/images/${name}`);
}

async function killedAt(name: Failpoint, ground: Ground, archive: Buffer): Promise<void> {
  const verb = verbs[name.split('.')[0] ?? ''];
  if (verb === undefined) throw new Error(`nobody comes by ${name}`);
  const armed = await ground.start({ SLIPWAY_FAILPOINT: name });
  const id = await idOf(armed);
  const first = verb.act({ daemon: armed, id, archive });
  // Some steps come when the caller has been answered already.
  const answered = first.then(
    ({ text }) => Promise.race([armed.ended, sleep(3000, `answered ${text}`)]),
    () => armed.ended,
  );
  const how = await Promise.race([armed.ended, answered]);
  expect(`${name}: ${how}`).toBe(`${name}: SIGKILL`);
}

async function idOf(daemon: TestEngine): Promise<string> {
  const { status, body } = await request(daemon, 'GET', '/containers/subject/json');
  return status === 200 ? body.Id : 'subject';
}

check(
  'a daemon that is killed at any step leaves nothing half done',
  { needs, timeoutMs: 400_000 },
  async t => {
    await using ground = await openGround(t);
    let daemon = await ground.start();
    const archive = await savedImage(daemon, ground);
    await request(daemon, 'POST', '/containers/create?name=neighbour', {
      ...{ Image: 'busybox', Cmd: ['sleep', '1000'], Volumes: { '/kept': {} } },
      HostConfig: { PortBindings: { '81/tcp': [{ HostPort: '18081' }] } },
    });
    await request(daemon, 'POST', '/containers/neighbour/start');
    const neighbour = async () => {
      const { State } = (await request(daemon, 'GET', '/containers/neighbour/json')).body;
      return [State.Status, State.Pid];
    };
    const [before, undisturbed] = [ground.traces(), await neighbour()];
    const chosen = process.env['FAILPOINTS'];
    for (const name of failpoints.filter(one => chosen === undefined || one.match(chosen))) {
      const verb = verbs[name.split('.')[0] ?? ''];
      if (verb === undefined) throw new Error(`nobody comes by ${name}`);
      const id = await prepare(daemon, verb);
      await daemon.end('SIGKILL');
      await killedAt(name, ground, archive);
      daemon = await ground.start();
      const scene = { daemon, id, archive };
      expect([name, ...(await neighbour())]).toEqual([name, ...undisturbed]);
      const shown = await stateOf(scene);
      if (verb.before === 'running' && name !== 'stop.marked') {
        expect(`${name}: ${shown?.Status}`).toBe(
          `${name}: ${name.startsWith('stop') ? 'exited' : 'running'}`,
        );
      }
      // Unless it was done in full, nothing is there that has no name.
      const nameless = await ask(scene, 'GET', '/images/json?filters={"dangling":["true"]}');
      expect(`${name}: ${nameless.text.trim()}`).toBe(`${name}: []`);
      const again = await verb.act(scene);
      if (!verb.again.includes(again.status)) throw new Error(`${name}: ${again.text}`);
      await stateOf(scene);
      await clear(scene);
      await expect.poll(() => [name, ...ground.traces()]).toEqual([name, ...before]);
    }
    await request(daemon, 'DELETE', '/containers/neighbour?force=1');
    await daemon[Symbol.asyncDispose]();
  },
);
