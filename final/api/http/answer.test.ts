import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { send } from './answer.ts';

check('what a client does not want any more is not made any more', async context => {
  const ended: string[] = [];
  const piece = Buffer.alloc(2 ** 20);
  async function* chunks(name: string): AsyncGenerator<Buffer> {
    try {
      for (;;) yield piece;
    } finally {
      ended.push(name);
    }
  }
  const server = createServer((request, response) => {
    void send(response, { kind: 'stream', type: 'x/y', chunks: chunks(String(request.url)) });
  });
  const socket = join(await context.scratch(), 'api.sock');
  server.listen(socket);
  await once(server, 'listening');
  // It goes at once, in the middle of what it reads, or without reading anything.
  for (const [path, wanted] of [
    ['/early', 0],
    ['/middle', 5_000_000],
    ['/deaf', -1],
  ] as const) {
    const client = connect(socket);
    let bytes = 0;
    client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    if (wanted === -1) await new Promise(resolve => setTimeout(resolve, 100));
    else {
      await new Promise<void>(resolve =>
        client.on('data', data => (bytes += data.length) > wanted && resolve()),
      );
    }
    client.destroy();
  }
  while (ended.length < 3) await new Promise(resolve => setTimeout(resolve, 10));
  expect(ended.toSorted()).toEqual(['/deaf', '/early', '/middle']);
  await new Promise(resolve => server.close(resolve));
});
