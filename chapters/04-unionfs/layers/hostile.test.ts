/**
 * Layers made by strangers: refused with the entry named, nothing outside,
 * nothing half done.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import {
  archive,
  file,
  folder,
  hardLink,
  link,
  type TestEntry,
} from '../tar/archive.fixture.ts';
import { blockSize, paddingOf } from '../tar/entry.ts';
import { writeHeader, type HeaderFields } from '../tar/header.ts';
import { recordsText } from '../tar/pax.ts';
import { endOfArchive } from '../tar/writer.ts';
import { applyLayer, type ApplyOptions } from './apply.ts';
import type { LayerSource } from './unpack/decompress.ts';
import { diffLayer } from './diff.ts';
import { digestOf } from './digest.ts';
import { LayerRefused } from './refused.ts';

const needs = ['root', 'native'] as const;

interface Place {
  readonly layer: string;
  readonly around: string;
}

/** A canary outside: whoever gets out kills it. */
async function prepare(context: CheckContext): Promise<Place> {
  const around = await context.scratch();
  mkdirSync(`${around}/canary`);
  writeFileSync(`${around}/canary/bird`, 'alive');
  return { layer: `${around}/layer`, around };
}

/** The refusal of a layer, after which everything is as before. */
async function refusal(
  context: CheckContext,
  source: LayerSource,
  options: ApplyOptions = {},
): Promise<string> {
  const { layer, around } = await prepare(context);
  const failed: unknown = await applyLayer(source, layer, options).then(
    () => 'it was unpacked',
    (error: unknown) => error,
  );
  expect(readdirSync(around)).toEqual(['canary']);
  expect(readFileSync(`${around}/canary/bird`, 'utf8')).toBe('alive');
  expect(readdirSync(`${around}/canary`)).toEqual(['bird']);
  expect(failed).toBeInstanceOf(LayerRefused);
  return failed instanceof Error ? failed.message : String(failed);
}

const cases: readonly (readonly [sentence: string, source: Buffer, why: string])[] = [
  ['a name with ..', archive(file('../canary/bird', 'dead')), '"../canary/bird"'],
  [
    'a name with .. in the middle',
    archive(folder('a'), file('a/../../canary/bird', 'dead')),
    '"a/../../canary/bird"',
  ],
  [
    'a file through an absolute link',
    archive(link('door', '/tmp'), file('door/slipway-out', 'dead')),
    '"door/slipway-out": its path leads through a link',
  ],
  [
    'a file through a relative link',
    archive(link('door', '../canary'), file('door/bird', 'dead')),
    '"door/bird": its path leads through a link',
  ],
  [
    'a large file through a link',
    archive(link('door', '../canary'), {
      name: 'door/bird',
      content: Buffer.alloc(100_000, 1),
    }),
    '"door/bird": its path leads through a link',
  ],
  [
    'an opaque sign through a link',
    archive(link('door', '../canary'), file('door/.wh..wh..opq'), file('door/x', 'x')),
    '"door/x"',
  ],
  [
    'a hard link to a file outside',
    archive(hardLink('bird', '../canary/bird')),
    '"../canary/bird"',
  ],
  [
    'a hard link to an absolute path',
    archive(hardLink('passwd', '/etc/passwd')),
    'a hard link to a file that the layer does not hold',
  ],
  [
    'a hard link through a link',
    archive(link('door', '../canary'), hardLink('bird', 'door/bird')),
    '"bird"',
  ],
  ['a whiteout of ..', archive(file('.wh...')), '".wh..."'],
  ['a whiteout of nothing', archive(folder('a'), file('a/.wh.')), '"a/.wh."'],
  [
    'a device that means a whiteout',
    archive({ name: 'etc', kind: 'character', mode: 0 }),
    '"etc": the device 0:0',
  ],
  [
    'a hard link to what the layer has taken away',
    archive(file('.wh.a'), hardLink('b', 'a')),
    '"b": it is a hard link to what the layer has taken away: "a"',
  ],
  [
    'a file in a folder that has the name of a whiteout',
    archive(folder('.wh.a'), file('.wh.a/b', 'x')),
    '".wh.a/b": a folder in its path has the name of a whiteout',
  ],
  [
    'an owner whose number would wrap to that of root',
    archive(file('good'), { ...file('bad', 'x'), uid: 2 ** 32 }),
    '"bad": nobody has the number 4294967296',
  ],
  [
    'an owner that chown takes for none',
    archive({ ...file('bad', 'x'), gid: 2 ** 32 - 1 }),
    '"bad": nobody has the number 4294967295',
  ],
  [
    'a device whose number would wrap',
    archive({ name: 'null', kind: 'character', major: 4096 + 1, minor: 3 }),
    '"null": no device has the number 4097',
  ],
  ['a root that is a file', archive(file('.', 'x')), '"."'],
  [
    'a bad header after a good file, which is not to blame,',
    withField(archive(plain('good'), plain('bad')), 512 + 124, '0x10'),
    '"bad": "0x10',
  ],
  [
    'a name longer than any file system has',
    archive(file(`a/${'x'.repeat(300)}`, 'x')),
    'too long',
  ],
  ['what is no archive', Buffer.from('this is a text\n'.repeat(100)), 'checksum'],
  ['half an archive', archive(file('a', 'x'.repeat(5000))).subarray(0, 2048), '"a"'],
  [
    'a gzip that was cut off',
    gzipSync(archive(file('a', 'x'.repeat(50_000)))).subarray(0, 120),
    'unexpected end of file',
  ],
  [
    'a zstd frame that was cut off',
    zstdCompressSync(archive({ name: 'a', content: randomBytes(50_000) })).subarray(
      0,
      20_000,
    ),
    'the layer is refused',
  ],
];

/** In one header of 512 bytes: its time needs no more. */
function plain(name: string): TestEntry {
  return { ...file(name), modified: { seconds: 0, nanoseconds: 0 } };
}

/** Another text in a header of an archive of ours, and its checksum made good. */
function withField(bytes: Buffer, at: number, text: string): Buffer {
  const block = bytes.subarray(
    at - (at % blockSize),
    at - (at % blockSize) + blockSize,
  );
  bytes.write(text.padEnd(12, '\0'), at, 'latin1');
  block.write(' '.repeat(8), 148);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

for (const [sentence, source, why] of cases) {
  check(`${sentence} is refused`, { needs }, async context => {
    expect(await refusal(context, [source])).toContain(why);
  });
}

check(
  'a whiteout below what is no folder any more hides nothing, and nothing outside',
  { needs },
  async context => {
    for (const form of ['overlay', 'aufs'] as const) {
      const { layer, around } = await prepare(context);
      const taken = archive(
        link('door', '../canary'),
        file('door/.wh.bird'),
        file('door/.wh..wh..opq'),
        file('etc', 'was a folder'),
        file('etc/.wh.passwd'),
        file('etc/ssl/.wh.certs'),
      );
      await applyLayer([taken], layer, { whiteouts: form });
      expect(readdirSync(layer).toSorted()).toEqual(['door', 'etc']);
      expect(readdirSync(`${around}/canary`)).toEqual(['bird']);
      const marks = execFileSync('getfattr', ['-d', '-m', '-', `${around}/canary`]);
      expect(marks.toString()).toBe('');
    }
  },
);

check('a bomb of zeros is refused by what it becomes', { needs }, async context => {
  const bomb = gzipSync(
    archive(file('good', 'x'), { name: 'zeros', content: Buffer.alloc(8 << 20) }),
  );
  const limits = { freeBytes: 1 << 20, ratio: 100 };
  expect(await refusal(context, [bomb], { limits })).toContain('a bomb of zeros');
});

check(
  'a file that is larger than allowed is named before it is written',
  { needs },
  async context => {
    const large = archive(file('good', 'x'), {
      name: 'large',
      content: Buffer.alloc(3 << 20, 1),
    });
    const why = await refusal(context, [large], { limits: { bytes: 2 << 20 } });
    expect(why).toContain('"large"');
  },
);

check(
  'a hole of exbibytes counts as what it pretends to be',
  { needs },
  async context => {
    const sparse = sparseArchive('hole', 2 ** 52);
    expect(await refusal(context, [sparse])).toContain('"hole"');
  },
);

check('headers that say much about no file are refused', { needs }, async context => {
  const text = recordsText([['comment', 'x'.repeat(3 << 20)]]);
  const said = { ...blank, name: 'pax', size: text.length };
  const padding = Buffer.alloc(paddingOf(text.length));
  for (const type of ['g', 'x']) {
    const one = Buffer.concat([headerOf({ ...said, type }), text, padding]);
    const why = await refusal(context, [one, one, archive(file('a'))]);
    expect(why).toContain('headers of');
  }
});

check('a refused file of an archive is closed', { needs }, async context => {
  const place = await context.scratch();
  for (const [name, bytes] of [
    ['plain', archive(file('../bad'))],
    ['packed', gzipSync(archive(file('../bad')))],
  ] as const) {
    writeFileSync(`${place}/${name}`, bytes);
    await expect(applyLayer(`${place}/${name}`, `${place}/out`)).rejects.toThrow('..');
    const open = readdirSync('/proc/self/fd').filter(number => {
      const held = `/proc/self/fd/${number}`;
      return existsSync(held) && readlinkSync(held) === `${place}/${name}`;
    });
    expect(open).toEqual([]);
  }
});

check(
  'a file that a container has called like a whiteout is in no layer',
  { needs },
  async context => {
    const place = await context.scratch();
    mkdirSync(`${place}/etc`);
    writeFileSync(`${place}/etc/.wh.passwd`, '');
    expect(() => [...diffLayer({ upper: place })]).toThrow(
      '"etc/.wh.passwd": its name is the sign of a whiteout',
    );
  },
);

check('too many entries are refused', { needs }, async context => {
  const many = archive(file('a'), file('b'), file('c'));
  const why = await refusal(context, [many], { limits: { entries: 2 } });
  expect(why).toContain('"c": it holds more than 2 entries');
});

check('bytes that are not those asked for are refused', { needs }, async context => {
  const good = archive(file('a', 'hello'));
  const flipped = Buffer.from(good);
  flipped.write('j', flipped.indexOf('hello'));
  const why = await refusal(context, [flipped], { diffId: digestOf(good) });
  expect(why).toContain('not those that were asked for');
});

check(
  'no flipped bit and no cut makes a layer with the right digest',
  { needs },
  async context => {
    const good = archive(
      folder('a'),
      file('a/b', 'hello'),
      link('c', 'a/b'),
      hardLink('d', 'a/b'),
    );
    const packed = gzipSync(good);
    const diffId = digestOf(good);
    for (let bit = 0; bit < packed.length * 8; bit += 37) {
      const bad = Buffer.from(packed);
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { layer } = await prepare(context);
      const applied = await applyLayer([bad], layer, { diffId }).catch(() => undefined);
      // Some bits of a gzip header mean nothing: then the content is the right one.
      expect(existsSync(layer)).toBe(applied !== undefined);
      if (applied) expect(applied.diffId).toBe(diffId);
    }
    for (let length = 0; length < packed.length; length += 5) {
      const { layer } = await prepare(context);
      const cut = applyLayer([packed.subarray(0, length)], layer, { diffId });
      await expect(cut).rejects.toThrow(LayerRefused);
      expect(existsSync(layer)).toBe(false);
    }
  },
);

check(
  'overlayfs’s own attributes are not taken from an archive',
  { needs },
  async context => {
    const { layer } = await prepare(context);
    const xattrs = new Map([['trusted.overlay.redirect', Buffer.from('/etc')]]);
    await applyLayer([archive({ ...folder('a'), xattrs })], layer);
    const listed = execFileSync('getfattr', ['-d', '-m', '-', `${layer}/a`], {
      encoding: 'utf8',
    });
    expect(listed).toBe('');
  },
);

const blank = {
  mode: 0o644,
  uid: 0,
  gid: 0,
  seconds: 0,
  target: '',
  major: 0,
  minor: 0,
};

function headerOf(fields: HeaderFields): Buffer {
  const block = Buffer.alloc(blockSize);
  writeHeader(block, fields);
  return block;
}

/** A GNU file with holes (pax 0.1) that stores nothing and claims to be `size` long. */
function sparseArchive(name: string, size: number): Buffer {
  const said = [
    ['GNU.sparse.major', '0'],
    ['GNU.sparse.minor', '1'],
    ['GNU.sparse.name', name],
    ['GNU.sparse.size', String(size)],
    ['GNU.sparse.map', `${size},0`],
  ] as const;
  const records = recordsText(said);
  const pax = headerOf({ ...blank, name: 'pax', size: records.length, type: 'x' });
  const padding = Buffer.alloc(paddingOf(records.length));
  const own = headerOf({ ...blank, name, size: 0, type: '0' });
  return Buffer.concat([pax, records, padding, own, endOfArchive]);
}
