/** Files of the engine that are cut off, zeroed or gone: it starts, names them, keeps the rest. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import type { TestEngine } from '../start/engine.fixture.ts';
import { openGround, request, type ShownState } from './ground.fixture.ts';

const needs = ['root', 'native', 'overlay', 'nftables', 'tool:nft'] as const;

const zero = (file: string): void => writeFileSync(file, Buffer.alloc(statSync(file).size));
const cut = (file: string): void => truncateSync(file, Math.trunc(statSync(file).size / 2));
const folderOf = (folder: string, ending: string): string => {
  const found = readdirSync(folder).find(name => name.endsWith(ending));
  if (found === undefined) throw new Error(`there is no *${ending} in ${folder}`);
  return join(folder, found);
};

interface Damage {
  readonly what: string;
  readonly act: (folder: string, id: string) => void;
  /** What the log says of it. */
  readonly named: RegExp;
  /** Of the containers. */
  readonly loses?: readonly string[];
}

const damages: readonly Damage[] = [
  {
    what: 'the configuration of an image, zeroed',
    act: folder => zero(folderOf(join(folder, 'data/graph/images'), '.json')),
    named: /image [0-9a-f]{64} is broken and left out/,
  },
  {
    what: 'the configuration of an image, cut off',
    act: folder => cut(folderOf(join(folder, 'data/graph/images'), '.json')),
    named: /image [0-9a-f]{64} is broken and left out/,
  },
  {
    what: 'the configuration of a container, zeroed',
    act: (folder, id) => zero(join(folder, 'exec', id, 'config.json')),
    named: /config\.json cannot be read/,
  },
  {
    what: 'the configuration of a container, gone',
    act: (folder, id) => rmSync(join(folder, 'exec', id, 'config.json')),
    named: /config\.json cannot be read/,
  },
  {
    what: 'the database, cut off',
    act: folder => cut(join(folder, 'data/slipway.db')),
    named: /slipway\.db is broken/,
  },
  {
    what: 'the database, zeroed',
    act: folder => zero(join(folder, 'data/slipway.db')),
    named: /slipway\.db is broken/,
  },
  {
    what: 'the database, zeroed with its copy',
    act: folder => {
      for (const name of ['slipway.db', 'slipway.db.copy']) zero(join(folder, 'data', name));
    },
    named: /the daemon begins with an empty database/,
    loses: ['made'],
  },
];

async function stateOf(daemon: TestEngine, name: string): Promise<ShownState> {
  return (await request(daemon, 'GET', `/containers/${name}/json`)).body.State;
}

for (const { what, act, named, loses = [] } of damages) {
  check(`${what}: it is named, and the rest is kept`, { needs, timeoutMs: 60_000 }, async t => {
    await using ground = await openGround(t);
    const first = await ground.start();
    const image = { Image: 'busybox', Cmd: ['sleep', '999'] };
    const { Id: id } = (await request(first, 'POST', '/containers/create?name=runs', image)).body;
    await request(first, 'POST', '/containers/create?name=made', image);
    await request(first, 'POST', '/containers/runs/start');
    const { Pid } = await stateOf(first, 'runs');
    // A moment of peace, in which the database is copied.
    const log = join(ground.folder, 'data/slipway.db-wal');
    await expect.poll(() => statSync(log).size, { timeout: 10_000 }).toBe(0);
    await first.end('SIGKILL');
    act(ground.folder, id);
    const daemon = await ground.start();
    expect(daemon.log()).toMatch(named);
    expect(await stateOf(daemon, 'runs')).toMatchObject({ Running: true, Pid });
    const list = (await request(daemon, 'GET', '/containers/json?all=1')).text;
    for (const name of ['runs', 'made']) {
      expect(list.includes(`/${name}`)).toBe(!loses.includes(name));
    }
    for (const path of ['/images/json', '/system/df', `/containers/${id}/json?size=1`, '/info']) {
      expect((await request(daemon, 'GET', path)).status).toBe(200);
    }
    for (const name of ['runs', 'made'].filter(one => !loses.includes(one))) {
      expect((await request(daemon, 'DELETE', `/containers/${name}?force=1`)).text).toBe('');
    }
    expect(ground.traces().filter(one => /^(a keeper|group)/.test(one))).toEqual([]);
    expect(readFileSync(join(ground.folder, 'daemon.log'), 'utf8')).not.toContain('unhandled');
  });
}

check('layers and records in ruins: only theirs is lost', { needs, timeoutMs: 60_000 }, async t => {
  await using ground = await openGround(t);
  const first = await ground.start();
  const made: Record<string, string> = {};
  for (const name of ['whole', 'parentless', 'bare', 'uninitiated', 'unread']) {
    const body = { Image: 'busybox', Cmd: ['true'] };
    const answer = await request(first, 'POST', `/containers/create?name=${name}`, body);
    made[name] = answer.body.Id;
  }
  await first.end('SIGTERM');
  const data = join(ground.folder, 'data');
  const layers = join(data, 'graph/overlay');
  const layer = (name: string, ...rest: readonly string[]): string =>
    join(layers, `${made[name]}`, ...rest);
  writeFileSync(layer('parentless', 'parent'), '\0../../etc');
  rmSync(layer('bare', 'diff'), { recursive: true });
  rmSync(`${layer('uninitiated')}-init`, { recursive: true });
  for (const name of readdirSync(layers)) {
    if (readdirSync(join(layers, name)).includes('layer.json')) {
      writeFileSync(join(layers, name, 'layer.json'), Buffer.alloc(40));
    }
  }
  writeFileSync(join(layers, 'stray'), '');
  symlinkSync('/etc', join(layers, 'link'));
  mkdirSync(join(layers, 'not a layer'));
  writeFileSync(join(data, 'graph/driver'), '\0\0');
  {
    using database = openRaw(join(data, 'slipway.db'));
    database.exec(`UPDATE containers SET value = '{' WHERE id = '${made['unread']}'`);
  }
  const daemon = await ground.start();
  for (const name of ['parentless', 'bare', 'uninitiated']) {
    expect(daemon.log()).toContain(`container ${made[name]} is broken`);
    const path = `/containers/${name}`;
    expect((await request(daemon, 'GET', `${path}/json`)).status).toBe(200);
    expect((await request(daemon, 'GET', `${path}/logs?stdout=1`)).status).toBe(200);
    const { status, text } = await request(daemon, 'POST', `${path}/start`);
    expect([status, text]).toEqual([500, expect.stringContaining('is broken')]);
    expect((await request(daemon, 'DELETE', path)).text).toBe('');
  }
  expect(daemon.log()).toContain(`${made['unread']} cannot be read and is left out`);
  // What it had is kept for a person to look into.
  expect(readdirSync(layer('unread'))).toContain('diff');
  for (const path of ['/images/json', '/system/df', '/containers/json?all=1&size=1', '/info']) {
    expect((await request(daemon, 'GET', path)).status).toBe(200);
  }
  expect((await request(daemon, 'POST', '/containers/whole/start')).text).toBe('');
  await daemon.end('SIGTERM');
});

function openRaw(file: string): DatabaseSync & Disposable {
  const database = new DatabaseSync(file);
  return Object.assign(database, { [Symbol.dispose]: () => database.close() });
}
