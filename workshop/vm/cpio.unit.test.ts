/** The archive is read back by busybox's cpio, which is no code of ours. */
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Chance, everySeed } from './chance.ts';
import { type CpioEntry, writeCpio } from './cpio.ts';

function busyboxCpio(archive: Uint8Array, flags: string, cwd = '/'): readonly string[] {
  const options = { input: archive, cwd, maxBuffer: 1 << 26 };
  const { status, stdout, stderr } = spawnSync('busybox', ['cpio', flags], options);
  if (status !== 0) throw new Error(`busybox cpio ${flags} failed: ${stderr.toString('utf8')}`);
  return stdout.toString('utf8').split('\n').filter(Boolean);
}

/** A tree with folders, empty and large files, links, and names that are not ASCII. */
function anyTree(chance: Chance): readonly CpioEntry[] {
  const letters = [...Array.from('abcxyz09._-'), 'é', '船', ' '];
  const name = (): string =>
    Array.from({ length: 1 + chance.below(12) }, () => chance.pick(letters)).join('');
  const folders = Array.from({ length: chance.below(4) }, (_, index) => `folder${index}`);
  return Array.from({ length: chance.below(12) }, (_, index): CpioEntry => {
    const base = `${index}${name()}`;
    const path = folders.length === 0 ? base : `${chance.pick(folders)}/${base}`;
    const kind = chance.pick(['file', 'file', 'folder', 'link'] as const);
    if (kind === 'link') return { kind, path, target: name() };
    if (kind === 'folder') return { kind, path };
    const data = Buffer.from(Array.from({ length: chance.below(70) }, () => chance.below(256)));
    return { kind, path, data, mode: chance.pick([0o600, 0o644, 0o755]) };
  });
}

function readBack(folder: string, path: string): CpioEntry {
  const file = join(folder, path);
  const facts = lstatSync(file);
  if (facts.isSymbolicLink()) return { kind: 'link', path, target: readlinkSync(file) };
  if (facts.isDirectory()) return { kind: 'folder', path };
  return { kind: 'file', path, data: readFileSync(file), mode: facts.mode & 0o777 };
}

test('busybox lists what was put in, folders before what lies in them', () => {
  everySeed(60, chance => {
    const entries = anyTree(chance);
    const listed = busyboxCpio(writeCpio(entries), '-t');
    expect(listed).toEqual(expect.arrayContaining(entries.map(entry => entry.path)));
    for (const path of listed.filter(one => one.includes('/'))) {
      expect(listed.indexOf(path.slice(0, path.lastIndexOf('/')))).toBeLessThan(
        listed.indexOf(path),
      );
    }
  });
});

test('busybox unpacks every file, link and mode as it was given', () => {
  everySeed(20, chance => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-cpio-'));
    try {
      const entries = anyTree(chance);
      busyboxCpio(writeCpio(entries), '-idm', folder);
      expect(entries.map(({ path }) => readBack(folder, path))).toEqual(entries);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('the same entries give the same bytes, and each part begins at a multiple of four', () => {
  everySeed(60, chance => {
    const entries = anyTree(chance);
    const archive = writeCpio(entries);
    expect(Buffer.compare(archive, writeCpio(entries))).toBe(0);
    expect(archive.length % 4).toBe(0);
  });
});

test.each([
  ['/absolute', 'not a plain relative path'],
  ['a/../b', 'not a plain relative path'],
  ['a//b', 'not a plain relative path'],
  ['', 'not a plain relative path'],
  ['TRAILER!!!', 'would end the archive'],
])('a path like %j is refused', (path, why) => {
  expect(() => writeCpio([{ kind: 'folder', path }])).toThrow(why);
});

test('a path that stands there twice, or lies below a file, is refused', () => {
  const file: CpioEntry = { kind: 'file', path: 'a', data: new Uint8Array() };
  expect(() => writeCpio([file, file])).toThrow('stands there twice');
  expect(() => writeCpio([file, { ...file, path: 'a/b' }])).toThrow('a is a file, not a folder');
});
