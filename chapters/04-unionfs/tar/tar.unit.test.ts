/**
 * The tar reader and writer against each other, and against another reader.
 */
import * as fc from 'fast-check';
import { extract } from 'tar-stream';
import { expect, test } from 'vitest';
import { archive, file } from './archive.fixture.ts';
import { paddingOf, TarRefused, type TarEntry } from './entry.ts';
import { entryHeader, endOfArchive } from './writer.ts';
import { readTime, timeText } from './numbers.ts';
import { readRecords, recordsText } from './pax.ts';
import { TarReader } from './reader.ts';

interface Read {
  readonly entry: TarEntry;
  readonly content: Buffer;
}

/** The archive in pieces of the given sizes, as a stream might cut it. */
function readAll(bytes: Buffer, sizes: readonly number[]): readonly Read[] {
  const read: { entry: TarEntry; parts: Buffer[] }[] = [];
  const reader = new TarReader({
    entry: entry => read.push({ entry, parts: [] }),
    content: part => read.at(-1)?.parts.push(Buffer.from(part)),
    end: () => undefined,
  });
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 512;
    // A buffer of its own, spoilt afterwards: nothing may be kept of it.
    const piece = Buffer.from(bytes.subarray(at, at + size));
    reader.write(piece);
    piece.fill(0xff);
    at += size;
  }
  reader.finish();
  return read.map(({ entry, parts }) => ({ entry, content: Buffer.concat(parts) }));
}

const byteText = (most: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: 1, maxLength: most })
    .map(bytes => Buffer.from(bytes).toString('latin1').replaceAll(/[\0/]/g, '_'));

const anyEntry = fc.record({
  name: byteText(300),
  kind: fc.constantFrom('file', 'folder', 'link', 'hardLink', 'fifo', 'block'),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 2 ** 32 - 2 }),
  gid: fc.integer({ min: 0, max: 2 ** 32 - 2 }),
  modified: fc.record({
    seconds: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
  }),
  target: byteText(300),
  major: fc.integer({ min: 0, max: 4095 }),
  minor: fc.integer({ min: 0, max: 2 ** 20 - 1 }),
  xattrs: fc
    .array(fc.tuple(byteText(20), fc.uint8Array({ maxLength: 40 })))
    .map(
      pairs =>
        new Map(
          pairs.map(([key, value]) => [
            `user.${key.replaceAll(/[=\n]/g, '-')}`,
            Buffer.from(value),
          ]),
        ),
    ),
  content: fc.uint8Array({ maxLength: 1500 }),
});

test('whatever an entry says is read as it was written, however the archive is cut', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 1100 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 4 }), sizes, (entries, cuts) => {
      const given = entries.map(({ content, ...entry }) => {
        const isFile = entry.kind === 'file';
        const isLink = entry.kind === 'link' || entry.kind === 'hardLink';
        const isDevice = entry.kind === 'block';
        return {
          entry: {
            ...entry,
            size: isFile ? content.length : 0,
            target: isLink ? entry.target : '',
            major: isDevice ? entry.major : 0,
            minor: isDevice ? entry.minor : 0,
            xattrs: new Map([...entry.xattrs].toSorted(([a], [b]) => (a < b ? -1 : 1))),
          },
          content: isFile ? Buffer.from(content) : Buffer.alloc(0),
        };
      });
      const bytes = Buffer.concat([
        ...given.flatMap(({ entry, content }) => [
          entryHeader(entry),
          content,
          Buffer.alloc(paddingOf(content.length)),
        ]),
        endOfArchive,
      ]);
      const read = readAll(bytes, cuts).map(({ entry, content }) => ({
        entry: { ...entry, name: entry.name.replace(/\/$/, '') },
        content,
      }));
      expect(read).toEqual(given);
    }),
    { numRuns: 300 },
  );
});

test('another reader reads the same names, sizes and contents', async () => {
  const bytes = archive(
    file('a', 'x'),
    file('n'.repeat(250), 'long'),
    { name: 'naïve', content: Buffer.from('y') },
    { name: 'd', kind: 'folder' },
  );
  const seen: string[] = [];
  const other = extract();
  other.end(bytes);
  for await (const entry of other) {
    seen.push(`${entry.header.type} ${entry.header.name} ${entry.header.size}`);
    entry.resume();
  }
  expect(seen.slice(0, 2)).toEqual(['file a 1', `file ${'n'.repeat(250)} 4`]);
  expect(seen.at(-1)).toBe('directory d/ 0');
});

/** The lengths of what was read, or that it was refused; anything else is thrown. */
function outcome(bytes: Buffer): string {
  try {
    return readAll(bytes, [512])
      .map(({ content }) => content.length)
      .join(' ');
  } catch (error) {
    if (error instanceof TarRefused) return 'refused';
    throw error;
  }
}

test('an archive of any bytes is read or refused, and never anything else', () => {
  const any = fc.uint8Array({ minLength: 512, maxLength: 2048 });
  fc.assert(
    fc.property(any, bytes => {
      expect(outcome(Buffer.from(bytes))).toMatch(/^(refused|[\d ]*)$/);
    }),
  );
});

test('a cut archive is refused, or was cut between two files', () => {
  const bytes = archive(file('a', 'x'.repeat(600)), file('b', 'y'));
  const outcomes = Array.from(bytes, (_, length) => outcome(bytes.subarray(0, length)));
  expect([...new Set(outcomes)]).toEqual(['', 'refused', '600', '600 1']);
  // The refused ones are all but a few: inside a header, a name or a content.
  expect(outcomes.filter(one => one === 'refused').length).toBeGreaterThan(3000);
});

test('times before 1970 keep their nanoseconds', () => {
  const times = fc.record({
    seconds: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
    nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
  });
  fc.assert(
    fc.property(times, time => {
      expect(readTime(timeText(time))).toEqual(time);
    }),
  );
  expect(timeText({ seconds: -2, nanoseconds: 500_000_000 })).toBe('-1.5');
});

test('the length of a pax record counts itself', () => {
  const records = fc.array(fc.tuple(fc.constantFrom('path', 'uid'), byteText(1200)));
  fc.assert(
    fc.property(records, some => {
      expect(readRecords(recordsText(some))).toEqual(some);
    }),
  );
});
