// Made from ../../files/tree.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// A small tree of files as a value: what a rootfs consists of, before it is anywhere.
//
// - `TreeEntry`: a folder, a file or a link, with its path and mode
// - `writeTree(entries, folder)`: as files
// - `writeTar(entries, file)`: as an archive, of which every copy is equal to the byte
//
// A tar keeps times, owners and the order of a directory; here all three are settled,
// so the same entries always make the same archive. Source: tar(5).

import { closeSync, createWriteStream, mkdirSync, writeSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { Beneath } from './beneath.ts';

export type TreeEntry =
  | { readonly type: 'folder'; readonly path: string; readonly mode: number }
  | {
      readonly type: 'file';
      readonly path: string;
      readonly mode: number;
      readonly content: Uint8Array;
    }
  | { readonly type: 'link'; readonly path: string; readonly target: string };

/** Writes the entries beneath `folder`, which is made if it is missing. */
export function writeTree(entries: readonly TreeEntry[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  using beneath = Beneath.open(folder);
  for (const entry of entries) writeEntry(beneath, entry);
}

function writeEntry(beneath: Beneath, entry: TreeEntry): void {
  switch (entry.type) {
    case 'folder':
      return beneath.makeFolder(entry.path, entry);
    case 'link':
      return beneath.makeLink(entry.path, entry.target);
    case 'file': {
      const descriptor = beneath.makeFile(entry.path, { mode: entry.mode });
      try {
        writeSync(descriptor, entry.content);
      } finally {
        closeSync(descriptor);
      }
    }
  }
}

/** Writes an archive in which only the entries themselves decide about any byte. */
export async function writeTar(
  entries: readonly TreeEntry[],
  file: string,
): Promise<void> {
  const archive = pack();
  // Root's, and from the first second of 1970: the same on every machine, in every
  // year.
  const same = { uid: 0, gid: 0, mtime: new Date(0) };
  for (const entry of entries) {
    const { path: name } = entry;
    if (entry.type === 'folder') {
      archive.entry({ ...same, name, type: 'directory', mode: entry.mode });
    } else if (entry.type === 'link') {
      archive.entry({
        ...same,
        name,
        type: 'symlink',
        linkname: entry.target,
        mode: 0o777,
      });
    } else {
      archive.entry({ ...same, name, mode: entry.mode }, Buffer.from(entry.content));
    }
  }
  archive.finalize();
  await pipeline(archive, createWriteStream(file));
}
// As made: 794a616e
