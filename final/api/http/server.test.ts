import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { z } from 'zod';
import { Engine } from '../../engine/engine.ts';
import { jobType } from '../../engine/job.ts';
import { notFound } from '../../engine/refusal.ts';
import { flag, integer } from '../query.ts';
import { type Route, route } from '../route.ts';
import { Dispatcher } from './dispatch.ts';
import { apiServer } from './server.ts';

const raw = 'application/vnd.docker.raw-stream';

const routes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/things/json',
    job: 'things',
    query: z.object({ all: flag(), limit: integer() }),
    handle: ({ query, version }) =>
      Promise.resolve({ kind: 'json', status: 200, value: { ...query, version } }),
  }),
  route({
    method: 'GET',
    path: '/things/:name/json',
    job: 'inspect',
    handle: ({ params }) => Promise.resolve({ kind: 'json', status: 200, value: params }),
  }),
  route({
    method: 'POST',
    path: '/things/create',
    job: 'create',
    body: z.object({ Name: z.string(), Sizes: z.object({ Memory: z.number() }).nullish() }),
    handle: ({ body }) => Promise.resolve({ kind: 'json', status: 201, value: body }),
  }),
  route({
    method: 'POST',
    path: '/things/load',
    job: 'load',
    body: 'stream',
    handle: async ({ stream }) => ({ kind: 'text', text: `${(await text(stream)).length}` }),
  }),
  route({
    method: 'POST',
    path: '/refuse',
    job: 'load',
    body: 'stream',
    handle: () => Promise.reject(notFound('No such thing: x')),
  }),
  route({
    method: 'POST',
    path: '/refuse-later',
    job: 'load',
    body: 'stream',
    handle: async ({ stream }) => {
      for await (const _ of stream) throw notFound('No such thing: x');
      throw new Error('nothing came');
    },
  }),
  route({
    method: 'GET',
    path: '/fail',
    job: 'fail',
    handle: () => Promise.reject(new Error('boom')),
  }),
  route({
    method: 'GET',
    path: '/wait',
    job: 'wait',
    handle: ({ signal }) => Promise.resolve({ kind: 'stream', type: 'x/y', chunks: until(signal) }),
  }),
  route({
    method: 'POST',
    path: '/things/:name/attach',
    job: 'attach',
    hijack: true,
    refusals: 'raw',
    handle: ({ params }) => {
      if (params['name'] === 'nosuch') throw notFound('No such thing: nosuch');
      return Promise.resolve({
        kind: 'hijack',
        type: raw,
        converse: async ({ input, output, handOver }) => {
          output.write(`fd ${typeof handOver()}\n`);
          for await (const chunk of input) output.write(chunk);
          output.write('end\n');
        },
      });
    },
  }),
  route({
    method: 'POST',
    path: '/exec/:id/start',
    job: 'exec',
    hijack: true,
    body: z.object({ Detach: z.boolean() }),
    handle: ({ body }) =>
      Promise.resolve(
        body.Detach
          ? { kind: 'empty', status: 200 }
          : {
              kind: 'hijack',
              type: raw,
              converse: async ({ input, output }) => {
                output.write(`got ${await text(input)}`);
              },
            },
      ),
  }),
];

async function* until(signal: AbortSignal): AsyncGenerator<string, void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve());
  yield 'begun\n';
  await promise;
}

async function serve({ scratch, hold }: CheckContext): Promise<{
  readonly socket: string;
  readonly faults: string[];
}> {
  const faults: string[] = [];
  const engine = new Engine({ log: () => undefined });
  engine.register(jobType('nothing'), () => undefined);
  const dispatcher = new Dispatcher({
    headers: { 'Api-Version': '1.51' },
    engine,
    routes,
    faults: (error, what) => faults.push(`${what}: ${String(error)}`),
  });
  const server = apiServer({ dispatcher });
  const socket = join(await scratch(), 'api.sock');
  const { promise, resolve } = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  server.on('connection', one => sockets.add(one));
  server.listen(socket, resolve);
  await promise;
  hold({
    [Symbol.asyncDispose]: () => {
      for (const one of sockets) one.destroy();
      return new Promise<void>(done => server.close(() => done()));
    },
  });
  return { socket, faults };
}

/** Sends bytes as they are, closes its half, and reads to the end. */
async function exchange(path: string, ...pieces: readonly string[]): Promise<string> {
  const socket: Socket = connect({ path, allowHalfOpen: true });
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  socket.end();
  return text(socket);
}

async function ask(path: string, line: string, body?: string, type = 'application/json') {
  const [method = 'GET', url = '/'] = line.split(' ');
  const headers = body === undefined ? {} : { 'Content-Type': type };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = httpRequest({ socketPath: path, method, path: url, headers }, resolve);
  request.on('error', reject).end(body);
  const answer = await promise;
  return `${answer.statusCode} ${(await text(answer)).trim()}`;
}

check('a path has a version, a name with slashes and a query', async context => {
  const { socket } = await serve(context);
  expect(await ask(socket, 'GET /v1.30/things/json?all=1&nosuch=x')).toBe(
    '200 {"all":true,"version":{"major":1,"minor":30}}',
  );
  expect(await ask(socket, 'GET /things/host:5000%2Fa/b:tag/json')).toBe(
    '200 {"name":"host:5000/a/b:tag"}',
  );
});

check('what is wrong with a request is said, and is the caller’s', async context => {
  const { socket, faults } = await serve(context);
  const cases = [
    ['GET /nosuch'],
    ['HEAD /things/json'],
    ['PATCH /things/json'],
    ['OPTIONS /things/json'],
    ['GET /v1.99/things/json'],
    ['GET /v1.10/things/json'],
    ['GET /things/json?limit=x'],
    ['GET /things/json?limit=%zz'],
    ['GET /things/%ff/json'],
    ['POST /things/create', ''],
    ['POST /things/create', '{'],
    ['POST /things/create', '{"Name":1,"Sizes":{"Memory":"x"}}'],
    ['POST /things/create', '{"Name":"x"}', 'text/plain'],
    ['POST /things/create', '{"Name":"x","Sizes":null}'],
    ['POST /refuse', 'x'.repeat(2 ** 20)],
    ['POST /things/create', ' '.repeat(5 * 2 ** 20)],
  ] as const;
  const answers: string[] = [];
  for (const [line, body, type] of cases) {
    answers.push(`${line} -> ${await ask(socket, line, body, type)}`);
  }
  expect(answers.join('\n')).toMatchInlineSnapshot(`
    "GET /nosuch -> 404 {"message":"page not found"}
    HEAD /things/json -> 404 
    PATCH /things/json -> 404 {"message":"page not found"}
    OPTIONS /things/json -> 200 
    GET /v1.99/things/json -> 400 {"message":"client version 1.99 is too new. Maximum supported API version is 1.51"}
    GET /v1.10/things/json -> 400 {"message":"client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version"}
    GET /things/json?limit=x -> 400 {"message":"strconv.Atoi: parsing \\"x\\": invalid syntax"}
    GET /things/json?limit=%zz -> 400 {"message":"invalid URL escape \\"%zz\\""}
    GET /things/%ff/json -> 400 {"message":"invalid URL escape in \\"/things/%ff/json\\""}
    POST /things/create -> 400 {"message":"invalid value for Name: expected string, received undefined"}
    POST /things/create -> 400 {"message":"invalid JSON: unexpected EOF"}
    POST /things/create -> 400 {"message":"invalid value for Name: expected string, received number; invalid value for Sizes.Memory: expected number, received string"}
    POST /things/create -> 400 {"message":"unsupported Content-Type header (text/plain): must be 'application/json'"}
    POST /things/create -> 201 {"Name":"x","Sizes":null}
    POST /refuse -> 404 {"message":"No such thing: x"}
    POST /things/create -> 413 {"message":"the request's body is larger than 4194304 bytes"}"
  `);
  expect(faults).toEqual([]);
});

check('what is our own fault is a 500, and is told to the log', async context => {
  const { socket, faults } = await serve(context);
  expect(await ask(socket, 'GET /fail')).toBe('500 {"message":"the engine failed: boom"}');
  expect(faults).toEqual(['GET /fail: Error: boom']);
});

check('who is refused in the middle of a large body gets the answer', async context => {
  const { socket } = await serve(context);
  const all = ['/refuse', '/refuse-later'].flatMap(path =>
    ['close', 'keep-alive'].map(kept => [path, kept] as const),
  );
  for (const [path, kept] of all) {
    const head = `POST ${path} HTTP/1.1\r\nContent-Length: ${2 ** 24}\r\nConnection: ${kept}\r\n\r\n`;
    const client = context.hold(connect(socket));
    // A client that is busy with sending reads late.
    client.pause().write(head);
    client.write('x'.repeat(2 ** 22));
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(await text(client)).toMatch(/^HTTP\/1.1 404 [^]*\{"message":"No such thing: x"\}/);
  }
});

check('who announces too much, or expects what there is not, is told at once', async context => {
  const { socket } = await serve(context);
  const head = 'POST /things/create HTTP/1.1\r\nContent-Type: application/json\r\n';
  for (const [more, status] of [
    ['Content-Length: 99999999999', 413],
    ['Content-Length: 2\r\nExpect: the-impossible', 417],
  ] as const) {
    const client = context.hold(connect(socket));
    client.write(`${head}${more}\r\n\r\n{`);
    const [answer] = await once(client, 'data');
    expect(String(answer)).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*{"message":"`));
  }
});

check('broken HTTP gets an answer in HTTP', async context => {
  const { socket } = await serve(context);
  const statuses: string[] = [];
  for (const bytes of [
    'nonsense\r\n\r\n',
    'GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n',
    `GET / HTTP/1.1\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`,
    'CONNECT host:1 HTTP/1.1\r\n\r\n',
    'POST /things/create HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'GET /things/json HTTP/1.1\r\n\r\nGARBAGE\r\n\r\n',
    'GET /things/json HTTP/9.9\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00',
  ]) {
    const answer = await exchange(socket, bytes);
    statuses.push([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status).join(' '));
  }
  expect(statuses).toEqual(['400', '400', '431', '404', '400', '200 400', '400', '400']);
});

check(
  'an upgraded connection speaks both ways, and a half-closed one is answered',
  async context => {
    const { socket } = await serve(context);
    const head = 'POST /v1.45/things/a/attach?x=1 HTTP/1.1\r\nHost: x\r\n';
    const upgrade = `${head}Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n`;
    const answer = `Content-Type: ${raw}\r\n`;
    const head101 = `HTTP/1.1 101 UPGRADED\r\n${answer}Connection: Upgrade\r\nUpgrade: tcp\r\n`;
    const upgraded = `${head101}Api-Version: 1.51\r\n\r\n`;
    expect(await exchange(socket, `${upgrade}behind the head `, 'and after it\n')).toBe(
      `${upgraded}fd number\nbehind the head and after it\nend\n`,
    );
    expect(await exchange(socket, `${head}\r\nbehind the head `, 'and after it\n')).toBe(
      `HTTP/1.1 200 OK\r\n${answer}Api-Version: 1.51\r\n\r\nfd number\nbehind the head and after it\nend\n`,
    );
    expect(await exchange(socket, `${head}\r\n`, 'GET ', '/ HTTP/1.1\r\n\r\n')).toBe(
      `HTTP/1.1 200 OK\r\n${answer}Api-Version: 1.51\r\n\r\nfd number\nGET / HTTP/1.1\r\n\r\nend\n`,
    );
    expect(await exchange(socket, upgrade.replace('/a/', '/nosuch/'))).toBe(
      `HTTP/1.1 404 Not Found\r\n${answer}\r\nNo such thing: nosuch\r\n`,
    );
  },
);

check('an upgraded request may have a body before what follows', async context => {
  const { socket } = await serve(context);
  const start = (body: string, ...more: readonly string[]) =>
    [
      `POST /exec/1/start HTTP/1.1`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      ...more,
      '',
      body,
    ].join('\r\n');
  const upgrade = ['Connection: Upgrade', 'Upgrade: tcp'];
  const whole = start('{"Detach":false}', ...upgrade);
  expect(await exchange(socket, `${whole}input`)).toMatch(/^HTTP\/1.1 101 .*got input$/s);
  expect(await exchange(socket, whole.slice(0, -5), `${whole.slice(-5)}in`, 'put')).toMatch(
    /^HTTP\/1.1 101 .*got input$/s,
  );
  expect(await exchange(socket, start('{"Detach":false}'), 'input')).toMatch(
    /^HTTP\/1.1 200 .*got input$/s,
  );
  expect(await exchange(socket, start('{"Detach":true}'))).toMatch(/^HTTP\/1.1 200 /);
  expect(await exchange(socket, start('{"Detach":1}', ...upgrade))).toMatch(
    /^HTTP\/1.1 400 .*invalid value for Detach/s,
  );
  const earlier = 'OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n';
  expect(await exchange(socket, earlier, start('{"Detach":1}', ...upgrade))).toMatch(
    /^HTTP\/1.1 200 .*HTTP\/1.1 400 .*invalid value for Detach/s,
  );
  expect(await exchange(socket, start('{"Detach":1}', ...upgrade).slice(0, -3))).toMatch(
    /^HTTP\/1.1 400 .*cut off/s,
  );
});

check('an answer that lasts shows its head at once, and ends with its client', async context => {
  const { socket, faults } = await serve(context);
  const client = connect(socket);
  client.write('GET /wait HTTP/1.1\r\n\r\n');
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  client.once('data', resolve);
  expect((await promise).toString()).toMatch(/^HTTP\/1.1 200 OK\r\nApi-Version: 1.51/);
  client.destroy();
  expect(await ask(socket, 'GET /things/json')).toMatch(/^200/);
  expect(faults).toEqual([]);
});

check('hundreds of half-sent requests disturb nobody', async context => {
  const { socket } = await serve(context);
  const idle = Array.from({ length: 400 }, () => {
    const client = connect(socket);
    client.on('error', () => client.destroy());
    client.write('POST /things/create HTTP/1.1\r\nContent-Length: 100\r\n');
    return client;
  });
  expect(await ask(socket, 'GET /things/json')).toMatch(/^200/);
  for (const client of idle) client.destroy();
});
