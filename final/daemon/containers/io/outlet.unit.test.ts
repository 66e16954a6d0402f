import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openOutlet } from './outlet.ts';

const { signal } = new AbortController();

test('where a connection has a descriptor, that is written to', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const connection = { input, output, handOver: () => 7, signal };
  using outlet = await openOutlet(connection, '/nowhere', 'x');
  expect(outlet.descriptor).toBe(7);
});

test('where it has none, what is written is carried over, to the last byte', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-outlet-'));
  const [input, output] = [new PassThrough(), new PassThrough()];
  const connection = { input, output, handOver: () => undefined, signal };
  const heard: Buffer[] = [];
  output.on('data', (bytes: Buffer) => heard.push(bytes));
  using outlet = await openOutlet(connection, folder, 'x');
  writeSync(outlet.descriptor, 'hello ');
  writeSync(outlet.descriptor, 'world');
  await outlet.flushed();
  expect(Buffer.concat(heard).toString()).toBe('hello world');
  rmSync(folder, { recursive: true });
});
