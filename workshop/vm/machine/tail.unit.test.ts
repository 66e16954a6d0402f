/** A file that grows while it is read. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Tail } from './tail.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-tail-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('each read brings what came since the last one, from before the file was there', () => {
  const path = join(folder, 'grows');
  const tail = new Tail(path);
  expect(tail.read()).toBe('');
  appendFileSync(path, 'one ');
  expect(tail.read()).toBe('one ');
  expect(tail.read()).toBe('');
  appendFileSync(path, 'two');
  expect(tail.read()).toBe('two');
  expect(tail.text).toBe('one two');
});

test('a character that was cut in two is read whole', () => {
  const path = join(folder, 'cut');
  const tail = new Tail(path);
  const bytes = Buffer.from('船');
  appendFileSync(path, bytes.subarray(0, 1));
  expect(tail.read()).toBe('');
  appendFileSync(path, bytes.subarray(1));
  expect(tail.read()).toBe('船');
});

test('of a large file the end is kept', () => {
  const path = join(folder, 'large');
  const tail = new Tail(path);
  appendFileSync(path, `${'x'.repeat(300_000)}the end`);
  tail.read();
  expect(tail.text.length).toBe(262_144);
  expect(tail.text.endsWith('the end')).toBe(true);
});
