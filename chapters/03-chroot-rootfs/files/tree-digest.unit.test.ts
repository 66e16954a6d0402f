/** What changes the digest of a tree, and what does not. */
import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { written } from '@slipway/lab/check/written.ts';
import { expect, test } from 'vitest';
import { digestTree } from './tree-digest.ts';

const files = { 'a/file': 'text', 'b/file': 'text' };

function digestAfter(change: (folder: string) => void): string {
  using tree = written(files);
  change(tree.folder);
  return digestTree(tree.folder).digest;
}

const plain = digestAfter(() => undefined);

test('equal trees have equal digests, wherever they are and whenever made', () => {
  expect(digestAfter(folder => utimesSync(`${folder}/a/file`, 0, 0))).toBe(plain);
  using tree = written(files);
  expect(digestTree(tree.folder)).toEqual({ digest: plain, entries: 5 });
});

const changes: Readonly<Record<string, (folder: string) => void>> = {
  'a content': folder => writeFileSync(`${folder}/a/file`, 'texT'),
  'a mode': folder => chmodSync(`${folder}/a/file`, 0o600),
  'a name': folder => renameSync(`${folder}/a/file`, `${folder}/a/File`),
  'a missing file': folder => rmSync(`${folder}/a/file`),
  'an empty folder': folder => mkdirSync(`${folder}/c`),
  'a link': folder => symlinkSync('b', `${folder}/c`),
  'a link instead of a file': folder => {
    rmSync(`${folder}/a/file`);
    symlinkSync('../b/file', `${folder}/a/file`);
  },
};

for (const [what, change] of Object.entries(changes)) {
  test(`another digest: ${what}`, () => {
    expect(digestAfter(change)).not.toBe(plain);
  });
}
