// Archives for tests, written out entry by entry, also those that nobody should make.
//
// - `archive(...entries)`: a tar; an entry is a name and whatever is not usual about it
// - `file`, `folder`, `link`, `hardLink`
// - `wholeOf(pieces)`: an archive that comes piece by piece

import { entryHeader, endOfArchive } from './writer.ts';
import { paddingOf, type TarEntry } from './entry.ts';

export interface TestEntry extends Partial<TarEntry> {
  readonly name: string;
  readonly content?: Buffer;
}

function entry(given: TestEntry): Buffer {
  const { content = Buffer.alloc(0), ...rest } = given;
  const header = entryHeader({
    kind: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: content.length,
    modified: { seconds: 1_700_000_000, nanoseconds: 123_456_789 },
    target: '',
    major: 0,
    minor: 0,
    xattrs: new Map(),
    ...rest,
  });
  return Buffer.concat([header, content, Buffer.alloc(paddingOf(content.length))]);
}

export function archive(...entries: readonly TestEntry[]): Buffer {
  return Buffer.concat([...entries.map(entry), endOfArchive]);
}

export function file(name: string, text = ''): TestEntry {
  return { name, content: Buffer.from(text) };
}

export function folder(name: string, mode = 0o755): TestEntry {
  return { name, kind: 'folder', mode };
}

export function link(name: string, target: string): TestEntry {
  return { name, kind: 'link', target, mode: 0o777 };
}

export function hardLink(name: string, target: string): TestEntry {
  return { name, kind: 'hardLink', target };
}

export function wholeOf(pieces: Iterable<Buffer>): Buffer {
  return Buffer.concat(Array.from(pieces, piece => Buffer.from(piece)));
}
