import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { kindsBeneath } from './kinds.ts';

function stage(): Disposable & { readonly descriptor: number } {
  const place = mkdtempSync(`${tmpdir()}/slipway-kinds-`);
  mkdirSync(`${place}/folder/inner`, { recursive: true });
  writeFileSync(`${place}/folder/file`, '');
  symlinkSync('folder', `${place}/link`);
  const descriptor = openSync(place, 'r');
  const dispose = (): void => {
    closeSync(descriptor);
    rmSync(place, { recursive: true });
  };
  return { descriptor, [Symbol.dispose]: dispose };
}

test('a folder takes no file’s place, nor a file a folder’s, and the words are Docker’s', () => {
  using there = stage();
  const refuse = kindsBeneath(there.descriptor, '/data');
  expect(() => refuse('folder', false)).toThrow(
    'cannot overwrite directory "/data/folder" with non-directory "/data"',
  );
  expect(() => refuse('folder/file', true)).toThrow(
    'cannot overwrite non-directory "/data/folder/file" with directory "/data"',
  );
  expect(() => refuse('link', true)).toThrow('cannot overwrite non-directory "/data/link"');
});

test('what is new, or of the same kind, is let through', () => {
  using there = stage();
  const refuse = kindsBeneath(there.descriptor, '/');
  for (const [path, isFolder] of [
    ['', true],
    ['folder', true],
    ['folder/inner', true],
    ['folder/file', false],
    ['new', true],
    ['new/deeper', true],
    ['new/deeper/file', false],
    ['nobody/said/this/file', false],
    ['link', false],
  ] as const) {
    expect(() => refuse(path, isFolder)).not.toThrow();
  }
});

test('an archive does not change its own mind either', () => {
  using there = stage();
  const refuse = kindsBeneath(there.descriptor, '/');
  refuse('new', true);
  refuse('new/name', false);
  expect(() => refuse('new/name', true)).toThrow('"/new/name" with directory "/"');
  expect(() => refuse('new', false)).toThrow('"/new" with non-directory "/"');
});
