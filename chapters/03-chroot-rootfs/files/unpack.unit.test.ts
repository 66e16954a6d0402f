/** Archives, honest and hostile; GNU tar is the oracle for the honest ones. */
import { execFileSync } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { scratchFolder } from '@slipway/lab';
import { check } from '@slipway/lab/check.ts';
import { pack } from 'tar-stream';
import { expect } from 'vitest';
import { writeTar, writeTree, type TreeEntry } from './tree.ts';
import { digestTree } from './tree-digest.ts';
import { unpackTar } from './unpack.ts';

type Header = Parameters<ReturnType<typeof pack>['entry']>[0];

const text = (content: string): Uint8Array => Buffer.from(content);

const tree: readonly TreeEntry[] = [
  { type: 'folder', path: 'tmp', mode: 0o1777 },
  { type: 'folder', path: 'locked', mode: 0o555 },
  { type: 'file', path: 'locked/inside', mode: 0o4711, content: text('x') },
  { type: 'file', path: `${'deep/'.repeat(30)}file`, mode: 0o600, content: text('y') },
  { type: 'link', path: 'etc', target: '/elsewhere' },
];

check('an archive and a folder of the same entries are equal', async context => {
  const { path } = context.hold(scratchFolder());
  await writeTar(tree, `${path}/tree.tar`);
  mkdirSync(`${path}/unpacked`);
  const { entries, leftOut } = await unpackTar(`${path}/tree.tar`, `${path}/unpacked`);
  expect({ entries, leftOut }).toEqual({ entries: 5, leftOut: [] });
  writeTree(tree, `${path}/written`);
  expect(digestTree(`${path}/unpacked`)).toEqual(digestTree(`${path}/written`));
});

check('the same entries make the same archive to the byte', async context => {
  const { path } = context.hold(scratchFolder());
  await writeTar(tree, `${path}/one.tar`);
  await writeTar(tree, `${path}/two.tar`);
  expect(readFileSync(`${path}/one.tar`)).toEqual(readFileSync(`${path}/two.tar`));
});

check('GNU tar unpacks the same tree', { needs: ['tool:tar'] }, async context => {
  const { path } = context.hold(scratchFolder());
  await writeTar(tree, `${path}/tree.tar`);
  for (const name of ['ours', 'theirs']) mkdirSync(`${path}/${name}`);
  await unpackTar(`${path}/tree.tar`, `${path}/ours`);
  execFileSync('tar', ['-xpf', `${path}/tree.tar`, '-C', `${path}/theirs`]);
  expect(digestTree(`${path}/ours`)).toEqual(digestTree(`${path}/theirs`));
});

check(
  'what GNU tar packed, plain or with gzip',
  { needs: ['tool:tar'] },
  async context => {
    const { path } = context.hold(scratchFolder());
    mkdirSync(`${path}/from/dir`, { recursive: true });
    writeFileSync(`${path}/from/dir/file`, 'x'.repeat(100_000));
    execFileSync('ln', [`${path}/from/dir/file`, `${path}/from/twin`]);
    for (const [flags, name] of [
      ['-cf', 'plain.tar'],
      ['-czf', 'zipped.tgz'],
    ] as const) {
      execFileSync('tar', [flags, `${path}/${name}`, '-C', `${path}/from`, '.']);
      mkdirSync(`${path}/${name}.d`);
      await unpackTar(`${path}/${name}`, `${path}/${name}.d`);
      expect(digestTree(`${path}/${name}.d`)).toEqual(digestTree(`${path}/from`));
      expect(lstatSync(`${path}/${name}.d/twin`).nlink).toBe(2);
    }
  },
);

interface Hostile {
  readonly trick: string;
  readonly entries: readonly (Header & { readonly text?: string })[];
  readonly refusal: string;
}

const hostile: readonly Hostile[] = [
  {
    trick: 'a name that climbs out',
    entries: [{ name: '../canary', text: 'dead' }],
    refusal: 'it holds ..',
  },
  {
    trick: 'a file behind a link that the archive made before',
    entries: [
      { name: 'door', type: 'symlink', linkname: '..' },
      { name: 'door/canary', text: 'dead' },
    ],
    refusal: 'door is a link or a file',
  },
  {
    trick: 'a folder on top of such a link',
    entries: [
      { name: 'door', type: 'symlink', linkname: '..' },
      { name: 'door/', type: 'directory', mode: 0o777 },
    ],
    refusal: 'door is a link or a file',
  },
  {
    trick: 'a hard link to a file outside',
    entries: [{ name: 'stolen', type: 'link', linkname: '../canary' }],
    refusal: 'it holds ..',
  },
  {
    trick: 'a hard link through a link',
    entries: [
      { name: 'door', type: 'symlink', linkname: '..' },
      { name: 'stolen', type: 'link', linkname: 'door/canary' },
    ],
    refusal: 'door is a link or a file',
  },
  {
    trick: "the machine's disk as a device",
    entries: [{ name: 'disk', type: 'block-device', devmajor: 254, devminor: 0 }],
    refusal: 'disk is a block-device',
  },
];

async function writeArchive(entries: Hostile['entries'], file: string): Promise<void> {
  const archive = pack();
  for (const { text: content = '', ...header } of entries)
    archive.entry(header, content);
  archive.finalize();
  await pipeline(archive, createWriteStream(file));
}

for (const { trick, entries, refusal } of hostile) {
  check(`refused, and nothing outside is touched: ${trick}`, async context => {
    const { path } = context.hold(scratchFolder());
    mkdirSync(`${path}/root`);
    writeFileSync(`${path}/canary`, 'alive');
    await writeArchive(entries, `${path}/hostile.tar`);
    await expect(unpackTar(`${path}/hostile.tar`, `${path}/root`)).rejects.toThrow(
      refusal,
    );
    expect(readFileSync(`${path}/canary`, 'utf8')).toBe('alive');
    expect(lstatSync(`${path}/canary`).nlink).toBe(1);
    expect(readdirSync(path).toSorted()).toEqual(['canary', 'hostile.tar', 'root']);
  });
}

check(
  'a file with the name of an earlier link does not write through it',
  async context => {
    const { path } = context.hold(scratchFolder());
    mkdirSync(`${path}/root`);
    writeFileSync(`${path}/canary`, 'alive');
    const entries = [
      { name: 'x', type: 'symlink', linkname: '../canary' },
      { name: 'x', text: 'new' },
    ] as const;
    await writeArchive(entries, `${path}/twice.tar`);
    await unpackTar(`${path}/twice.tar`, `${path}/root`);
    expect(readFileSync(`${path}/canary`, 'utf8')).toBe('alive');
    expect(readFileSync(`${path}/root/x`, 'utf8')).toBe('new');
  },
);

check('devices below dev are left out: a container gets its own', async context => {
  const { path } = context.hold(scratchFolder());
  mkdirSync(`${path}/root`);
  const device = { name: './dev/null', type: 'character-device', devmajor: 1 } as const;
  await writeArchive([device, { name: 'file', text: 'x' }], `${path}/dev.tar`);
  const { leftOut } = await unpackTar(`${path}/dev.tar`, `${path}/root`);
  expect(leftOut).toEqual(['./dev/null']);
  expect(existsSync(`${path}/root/file`)).toBe(true);
});

check('what is no archive is refused by name', async context => {
  const { path } = context.hold(scratchFolder());
  writeFileSync(`${path}/short.tar`, '');
  await expect(unpackTar(`${path}/short.tar`, path)).rejects.toThrow('no tar');
  writeFileSync(`${path}/text.tar`, 'no archive at all\n'.repeat(100));
  await expect(unpackTar(`${path}/text.tar`, path)).rejects.toThrow(`${path}/text.tar`);
});
