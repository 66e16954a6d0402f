import { writeSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openOutlet } from './outlet.ts';

const { signal } = new AbortController();

test('where a connection has a descriptor, that is written to', () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const connection = { input, output, handOver: () => 7, heard: () => Promise.resolve(), signal };
  using outlet = openOutlet(connection);
  expect(outlet.descriptor).toBe(7);
});

test('where it has none, what is written is carried over, to the last byte', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const connection = {
    input,
    output,
    handOver: () => undefined,
    heard: () => Promise.resolve(),
    signal,
  };
  const heard: Buffer[] = [];
  output.on('data', (bytes: Buffer) => heard.push(bytes));
  using outlet = openOutlet(connection);
  writeSync(outlet.descriptor, 'hello ');
  writeSync(outlet.descriptor, 'world');
  await outlet.flushed();
  expect(Buffer.concat(heard).toString()).toBe('hello world');
});
