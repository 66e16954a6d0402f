import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { startEngine } from '../../daemon/start/engine.fixture.ts';
import { readSchema } from './judge.fixture.ts';

const needs = ['root', 'native', 'overlay'] as const;

/** What Docker answers otherwise than it says itself, recorded or read in its source. */
const asDocker = [
  // Nothing was said, and Go writes that as nothing.
  /HostConfig\.Isolation: "" is none of/,
  /\/info 200 Isolation: "" is none of/,
  /HostConfig\.MemorySwappiness: null instead of integer/,
  // There is none as long as it runs.
  /GET \/exec\/\{id\}\/json 200 ExitCode: null instead of integer/,
  // The first form of an event, which every one still has.
  /GET \/events 200 (?:status|id|from): an unknown field/,
  // A refusal of attach is bare text: its connection leaves HTTP.
  /POST \/containers\/\{id\}\/attach 404 : undefined instead of object/,
];

interface Answered {
  readonly status: number;
  readonly value: unknown;
}

function ask(socketPath: string, method: string, path: string, body?: object): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const asked = request({ socketPath, method, path, headers }, response => {
    text(response).then(
      written => resolve({ status: response.statusCode ?? 0, value: firstOf(written) }),
      reject,
    );
  });
  asked.once('error', reject);
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

/** Of a stream of objects the first. */
function firstOf(written: string): unknown {
  const [line = ''] = written.trim().split('\n');
  return /^[[{]/.test(line) ? JSON.parse(line) : undefined;
}

type Step = readonly [operation: string, path: string, body?: object | undefined];

const container = {
  Image: 'busybox',
  Cmd: ['sleep', '100'],
  Labels: { a: 'b' },
  ExposedPorts: { '80/tcp': {} },
  Volumes: { '/volume': {} },
  Healthcheck: { Test: ['CMD', 'true'], Interval: 1e9 },
  HostConfig: {
    Mounts: [{ Type: 'tmpfs', Target: '/memory', TmpfsOptions: { SizeBytes: 65_536 } }],
    Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }],
    Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/x', CgroupPermissions: 'r' }],
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
    PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
  },
};

const ipam = {
  Config: [
    {
      ...{ Subnet: '10.213.0.0/24', IPRange: '10.213.0.0/25', Gateway: '10.213.0.1' },
      AuxiliaryAddresses: { a: '10.213.0.5' },
    },
  ],
};

const whileItRuns: readonly Step[] = [
  ['GET /containers/{id}/json', '/containers/one/json?size=1'],
  ['GET /containers/json', '/containers/json?all=1&size=1'],
  ['GET /containers/{id}/top', '/containers/one/top'],
  ['GET /containers/{id}/changes', '/containers/one/changes'],
  ['GET /containers/{id}/stats', '/containers/one/stats?stream=0&one-shot=1'],
  ['POST /containers/{id}/update', '/containers/one/update', { CpuShares: 100 }],
  ['POST /containers/{id}/resize', '/containers/one/resize?h=1&w=1'],
  ['POST /containers/{id}/pause', '/containers/one/pause'],
  ['POST /containers/{id}/unpause', '/containers/one/unpause'],
  ['POST /commit', '/commit?container=one&repo=made&tag=here'],
  ['GET /images/json', '/images/json?all=1&shared-size=1'],
  ['GET /images/{name}/json', '/images/made:here/json'],
  ['GET /images/{name}/history', '/images/made:here/history'],
  ['POST /images/{name}/tag', '/images/made:here/tag?repo=again'],
  ['DELETE /images/{name}', '/images/again'],
  ['DELETE /images/{name}', '/images/made:here'],
  ['GET /info', '/info'],
  ['GET /version', '/version'],
  ['GET /system/df', '/system/df'],
  ['GET /networks', '/networks'],
  ['GET /networks/{id}', '/networks/bridge'],
  ['POST /networks/create', '/networks/create', { Name: 'blue', IPAM: ipam }],
  ['POST /networks/{id}/connect', '/networks/blue/connect', { Container: 'one' }],
  ['GET /networks/{id}', '/networks/blue'],
  ['GET /containers/{id}/json', '/containers/one/json'],
  ['POST /networks/{id}/disconnect', '/networks/blue/disconnect', { Container: 'one' }],
  ['DELETE /networks/{id}', '/networks/blue'],
  ['POST /networks/prune', '/networks/prune'],
  ['POST /volumes/create', '/volumes/create', { Name: 'kept', Labels: { a: 'b' } }],
  ['GET /volumes', '/volumes'],
  ['GET /volumes/{name}', '/volumes/kept'],
  ['DELETE /volumes/{name}', '/volumes/kept'],
  ['POST /volumes/prune', '/volumes/prune'],
];

const itsEnd: readonly Step[] = [
  ['POST /containers/{id}/kill', '/containers/one/kill'],
  ['POST /containers/{id}/wait', '/containers/one/wait'],
  ['POST /containers/{id}/restart', '/containers/one/restart?t=0'],
  ['POST /containers/{id}/rename', '/containers/one/rename?name=two'],
  ['POST /containers/{id}/stop', '/containers/two/stop?t=0'],
  ['POST /containers/{id}/stop', '/containers/two/stop?t=0'],
  ['GET /containers/{id}/json', '/containers/two/json'],
  ['DELETE /containers/{id}', '/containers/two?v=1'],
  ['POST /containers/prune', '/containers/prune'],
  ['POST /images/prune', '/images/prune'],
];

/** Of what is not there: each operation has its refusal. */
function ofNothing(operations: readonly string[]): readonly Step[] {
  const query = '?h=1&w=1&stdout=1&stream=1&path=/&name=x';
  return operations
    .filter(one => one.includes('{id}') && !/^HEAD|^PUT|\/ws$/.test(one))
    .map(operation => {
      const path = (operation.split(' ')[1] ?? '').replace('{id}', 'nosuch');
      const needsBody = /(?:exec|connect|update)$/.test(operation);
      return [operation, `${path}${query}`, needsBody ? { Cmd: ['x'], Container: 'x' } : undefined];
    });
}

check('what is answered is what Docker has published', { needs, timeoutMs: 120_000 }, async t => {
  await using engine = await startEngine(await t.scratch());
  for (const version of ['1.45', '1.51']) {
    const schema = readSchema(version);
    const found = new Set<string>();
    const walk = async (...steps: readonly Step[]): Promise<unknown> => {
      let last: unknown;
      for (const [operation, path, body] of steps) {
        const [method = ''] = operation.split(' ');
        const { status, value } = await ask(engine.socket, method, `/v${version}${path}`, body);
        for (const line of schema.judge(operation, status, value)) found.add(line);
        last = value;
      }
      return last;
    };
    await walk(['POST /images/create', '/images/create?fromImage=busybox&tag=latest']);
    await walk(['POST /containers/create', '/containers/create?name=one', container]);
    await walk(['GET /containers/{id}/json', '/containers/one/json?size=1']);
    await walk(['POST /containers/{id}/start', '/containers/one/start'], ...whileItRuns);
    const soon = Math.ceil(Date.now() / 1000);
    await walk(['GET /events', `/events?since=1&until=${soon}`]);
    const body = { Cmd: ['sleep', '100'] };
    const exec = await walk(['POST /containers/{id}/exec', '/containers/one/exec', body]);
    const { Id } = exec as { readonly Id: string };
    await walk(['GET /exec/{id}/json', `/exec/${Id}/json`]);
    await walk(['POST /exec/{id}/start', `/exec/${Id}/start`, { Detach: true }]);
    await walk(['GET /exec/{id}/json', `/exec/${Id}/json`], ...itsEnd);
    await walk(...ofNothing(schema.operations));
    const differing = [...found].filter(line => !asDocker.some(known => known.test(line)));
    expect([version, ...differing]).toEqual([version]);
  }
});
