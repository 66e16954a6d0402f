/**
 * Every line of the API's table, asked wrongly in every way: an answer comes at once, it blames
 * the caller, and it says why in JSON. Afterwards the daemon serves as before.
 */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { z } from 'zod';
import { ask, startEngine } from '../daemon/start/engine.fixture.ts';
import type { Route } from './route.ts';
import { absentRoutes } from './routes/absent.ts';
import { archiveRoutes } from './routes/archives.ts';
import { containersStreams } from './routes/containers-streams.ts';
import { containersRoutes } from './routes/containers.ts';
import { execRoutes } from './routes/exec.ts';
import { imagesRoutes } from './routes/images.ts';
import { networkRoutes } from './routes/networks.ts';
import { slipwayRoutes } from './routes/slipway.ts';
import { systemRoutes } from './routes/system.ts';
import { volumeRoutes } from './routes/volumes.ts';

const table: readonly Route[] = [
  ...[containersRoutes, containersStreams, archiveRoutes, execRoutes].flat(),
  ...[imagesRoutes, networkRoutes, volumeRoutes].flat(),
  ...[systemRoutes, slipwayRoutes, absentRoutes].flat(),
];

const wrongNames = [
  ...['%20', '..', '%2e%2e%2f%2e%2e', '%00', '%ff', '%', 'nosuch', '-', '%e6%97%a5'],
  ...['x'.repeat(5000), 'sha256:zz', 'a@b@c', 'A/B/C:%3F', '%0d%0aX:1', 'victim'],
];
const wrongValues = [
  ...['', 'abc', '-1', '99999999999999999999', '1e999', 'NaN', '{', '[]', 'null', '%00', '%ff'],
  ...['{"a":1}', '{"a":{"b":5}}', '["a"]', '"x"', '2026-13-45', '%0d%0a', '../../etc', 'true'],
];
const wrongBodies = [
  ...['', 'null', '{', '[]', '"x"', '12', 'true', '{"a":', '\u0000', '{}{}', '{"__proto__":{}}'],
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
];
const wrongFields = ['5', '-1', '"x"', '[]', '[5]', '{}', '{"a":5}', 'true', 'null', '1e400'];

/** True, and nobody's mistake: no swarm, and no registry within reach. */
const notOurs = /not a swarm manager|swarm is unavailable|dial tcp: lookup/;

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

function* wrongRequests(route: Route): Generator<Ask> {
  const { method } = route;
  const at = (name: string): string => route.path.replaceAll(/:\w+/g, name);
  const body = method === 'POST' || method === 'PUT' ? { body: '{}' } : {};
  if (route.path.includes(':')) {
    for (const name of wrongNames) yield { method, path: at(name), ...body };
  }
  for (const key of keysOf(route.query)) {
    for (const value of wrongValues) {
      yield { method, path: `${at('victim')}?${key}=${value}`, ...body };
    }
  }
  if (route.body === undefined || route.body === 'stream') return;
  for (const wrong of wrongBodies) yield { method, path: at('victim'), body: wrong };
  for (const key of [...keysOf(route.body), 'HostConfig', 'NetworkingConfig']) {
    for (const value of wrongFields) {
      yield { method, path: at('victim'), body: `{"Image":"busybox","${key}":${value}}` };
    }
  }
}

/** The names that a schema of an object knows; none for another schema. */
function keysOf(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodPipe) return keysOf(schema.in);
  if (schema instanceof z.ZodIntersection) {
    return [...keysOf(schema.def.left), ...keysOf(schema.def.right)];
  }
  return [];
}

/** What is wrong with the answer; undefined if nothing is. */
async function judge(socketPath: string, { method, path, body }: Ask): Promise<string | undefined> {
  const signal = AbortSignal.timeout(30_000);
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const sent = request({ socketPath, method, path: `/v1.45${path}`, headers, signal });
  const answered = Promise.withResolvers<{ status: number; text: Promise<string> }>();
  sent.on('response', response => {
    const status = response.statusCode ?? 0;
    if (status < 400) response.destroy();
    answered.resolve({ status, text: status < 400 ? Promise.resolve('') : text(response) });
  });
  sent.on('upgrade', (_response, connection) => {
    connection.destroy();
    answered.resolve({ status: 101, text: Promise.resolve('') });
  });
  sent.on('error', error => answered.reject(error));
  sent.end(body);
  try {
    const { status, text: message } = await answered.promise;
    const said = await message;
    if (status < 400) return undefined;
    const isTrue = status === 501 || notOurs.test(said);
    if (status >= 500 && !isTrue) return `${status} ${said}`;
    const isText = path.includes('/attach');
    const told = isText || method === 'HEAD' || /^\{"message":".+/.test(said);
    return told ? undefined : `${status} without a message: ${said}`;
  } catch (error) {
    return String(error);
  }
}

check(
  'whatever is wrong with a request is the caller’s, and is said',
  { needs: ['root', 'native', 'overlay'], timeoutMs: 300_000 },
  async t => {
    await using engine = await startEngine(await t.scratch());
    const make = ['create', '--name', 'victim', '--network', 'none', 'busybox', 'true'];
    ask(engine, 'slipway', make);
    const complaints: string[] = [];
    let count = 0;
    for (const route of table) {
      for (const one of wrongRequests(route)) {
        count += 1;
        const wrong = await judge(engine.socket, one);
        if (wrong === undefined) continue;
        const asked = `${one.method} ${one.path} ${one.body ?? ''}`.slice(0, 160);
        complaints.push(`${asked} → ${wrong.slice(0, 200)}`);
      }
    }
    expect(complaints.join('\n')).toBe('');
    expect(count).toBeGreaterThan(3000);
    expect(ask(engine, 'slipway', ['run', '--rm', 'busybox', 'echo', 'still']).stdout).toBe(
      'still\n',
    );
  },
);

const hosts: readonly object[] = [
  { Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 5 }] },
  { Ulimits: [{ Name: 'nofile', Soft: -1, Hard: 100 }] },
  { Sysctls: { 'net.ipv4.ip_forward': 'x' } },
  { CpuRealtimeRuntime: 5 },
  { Devices: [{ PathOnHost: '/proc', PathInContainer: '/dev/x', CgroupPermissions: 'r' }] },
  { Devices: [{ PathOnHost: 'a\0b', PathInContainer: '/dev/x', CgroupPermissions: 'r' }] },
  { Devices: [{ PathOnHost: `/${'x'.repeat(5000)}`, PathInContainer: '/x' }] },
  { BlkioDeviceReadBps: [{ Path: '/dev/null', Rate: 1 }] },
  { MaskedPaths: ['a\0b'] },
  { ReadonlyPaths: ['x'.repeat(5000)] },
  { Binds: ['/etc/passwd:/etc'] },
];

check(
  'what only the kernel refuses is the caller’s as well',
  { needs: ['root', 'native', 'overlay'], timeoutMs: 120_000 },
  async t => {
    await using engine = await startEngine(await t.scratch());
    ask(engine, 'slipway', ['pull', '-q', 'busybox']);
    const said: string[] = [];
    for (const wish of [...hosts, { half: '\ud800' }]) {
      const HostConfig = { NetworkMode: 'none', ...wish };
      const Cmd = ['half' in wish ? wish.half : 'true'];
      const name = `n${said.length}`;
      const body = JSON.stringify({ Image: 'busybox', Cmd, HostConfig });
      const wrong =
        (await judge(engine.socket, {
          ...{ method: 'POST', path: `/containers/create?name=${name}`, body },
        })) ?? (await judge(engine.socket, { method: 'POST', path: `/containers/${name}/start` }));
      said.push(`${JSON.stringify(wish)} → ${wrong ?? 'said'}`);
    }
    expect(said.filter(one => !one.endsWith('→ said'))).toEqual([]);
  },
);
