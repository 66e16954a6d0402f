/**
 * The name server against a container that asks too much.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { decode, encode } from 'dns-packet';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { nameServer, serveNames } from './server.ts';

const needs = ['root', 'native'] as const;
const names = { addressesOf: () => [], nameOf: () => undefined };

function question(id: number): Buffer {
  const questions = [{ type: 'A', name: `n${id}.example` }] as const;
  return encode({ type: 'query', id, questions: [...questions] });
}

check(
  'of a flood of questions some are asked on, and all are answered',
  { needs },
  async () => {
    using stack = new DisposableStack();
    const silent = stack.adopt(createSocket('udp4'), socket => socket.close());
    let asked = 0;
    silent.on('message', () => {
      asked += 1;
    });
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const own = stack.adopt(openSync('/proc/self/ns/net', 'r'), closeSync);
    const server = `127.0.0.1:${silent.address().port}`;
    stack.use(serveNames({ descriptor: own }, names, [server]));
    const asker = stack.adopt(createSocket('udp4'), socket => socket.close());
    asker.connect(53, nameServer);
    await once(asker, 'connect');
    const answered = new Set<number>();
    const all = Promise.withResolvers<void>();
    asker.on('message', bytes => {
      const { id = -1, flags = 0 } = decode(bytes);
      expect(flags & 0xf).toBe(2);
      if (answered.add(id).size === 200) all.resolve();
    });
    for (let id = 0; id < 200; id += 1) asker.send(question(id));
    await all.promise;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(128);
  },
);

check('so many connections are held, and no more', { needs }, async () => {
  using stack = new DisposableStack();
  const own = stack.adopt(openSync('/proc/self/ns/net', 'r'), closeSync);
  stack.use(serveNames({ descriptor: own }, names, []));
  const refused = Promise.withResolvers<void>();
  let closed = 0;
  for (let count = 0; count < 150; count += 1) {
    const socket = connect(53, nameServer);
    stack.adopt(socket, one => one.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => {
      closed += 1;
      if (closed === 22) refused.resolve();
    });
  }
  await refused.promise;
  expect(closed).toBe(22);
});
