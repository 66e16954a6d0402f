import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readLog, type ReadOptions } from './read.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'slipway-log-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const place = (): { folder: string; file: string } => ({ folder, file: 'x-json.log' });
const path = (number = ''): string => join(folder, `x-json.log${number}`);
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => {
    const time = '2026-01-02T03:04:05.678901234Z';
    return `${JSON.stringify({ log: `${from + index}\n`, stream: 'stdout', time })}\n`;
  }).join('');
const shift = (file: number): void => {
  if (existsSync(path(`.${file - 1}`))) renameSync(path(`.${file - 1}`), path(`.${file}`));
};
const plain = {
  ...{ stdout: true, stderr: true, timestamps: false, details: false, framed: false },
};

async function read(options: Partial<ReadOptions> = {}): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of readLog(place(), { ...plain, ...options })) {
    parts.push(Buffer.from(part));
  }
  return Buffer.concat(parts).toString().trim().replaceAll('\n', ' ');
}

test('rotated files are read the oldest first', async () => {
  writeFileSync(path('.2'), lines(1, 2));
  writeFileSync(path('.1'), lines(3, 4));
  writeFileSync(path(), lines(5, 6));
  expect(await read()).toBe('1 2 3 4 5 6');
});

test('a tail reaches back into rotated files, and no further than there are lines', async () => {
  writeFileSync(path('.1'), lines(1, 4));
  writeFileSync(path(), lines(5, 6));
  expect(await read({ tail: 1 })).toBe('6');
  expect(await read({ tail: 2 })).toBe('5 6');
  expect(await read({ tail: 3 })).toBe('4 5 6');
  expect(await read({ tail: 6 })).toBe('1 2 3 4 5 6');
  expect(await read({ tail: 100 })).toBe('1 2 3 4 5 6');
  expect(await read({ tail: 0 })).toBe('');
});

test('a tail of a long log is found from its end', async () => {
  writeFileSync(path(), lines(1, 5000));
  expect(await read({ tail: 2000 })).toMatch(/^3001 3002 .* 5000$/);
});

test('a log that is not there is empty', async () => {
  expect(await read()).toBe('');
});

test('who follows gets every line once, through rotations, until the writer ends', async () => {
  writeFileSync(path(), lines(1, 2));
  const ended = Promise.withResolvers<void>();
  const { signal } = new AbortController();
  const reading = read({ follow: { ended: ended.promise, signal } });
  for (let number = 3; number < 60; number += 3) {
    appendFileSync(path(), lines(number, number));
    for (let file = number; file > 1; file -= 1) shift(file);
    renameSync(path(), path('.1'));
    writeFileSync(path(), lines(number + 1, number + 1));
    await new Promise(resolve => setTimeout(resolve, 3));
    appendFileSync(path(), lines(number + 2, number + 2));
  }
  ended.resolve();
  const all = Array.from({ length: 59 }, (_, index) => index + 1).join(' ');
  expect(await reading).toBe(all);
});

test('who follows from the end sees only what comes', async () => {
  writeFileSync(path(), lines(1, 2));
  const ended = Promise.withResolvers<void>();
  const { signal } = new AbortController();
  const reading = read({ tail: 0, follow: { ended: ended.promise, signal } });
  await new Promise(resolve => setTimeout(resolve, 50));
  appendFileSync(path(), lines(3, 3));
  ended.resolve();
  expect(await reading).toBe('3');
});
