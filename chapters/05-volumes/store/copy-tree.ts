// A folder's content into another folder, with all that a copy can lose.
//
// - `copyTree(from, to)`: both by descriptor; returns what could not come along
// - `copyFolder(from, to, between)`: the folder alone; `between` puts its content there
//
// Modes, owners, times to the nanosecond, extended attributes (so file capabilities,
// too), devices, fifos, and files that have two names. The folder that is read belongs
// to an image, so to a stranger: no name is opened through a link, and a link is copied
// as the text that it is. A socket is nothing without the program that listens at it.

import { closeSync, constants, copyFileSync, readSync } from 'node:fs';
import {
  describeFolder,
  FileBatch,
  listFolder,
  nodeTypes,
  openBeneath,
  shownName,
  type Attributes,
  type ByteName,
  type FileEntry,
  type Time,
} from '@slipway/native';

interface Copy {
  readonly from: number;
  readonly to: number;
  readonly batch: FileBatch;
  /** Files with several names, by their inode, and the first name of each. */
  readonly first: Map<string, ByteName>;
  /** Set last: every name that is made in a folder changes it. */
  readonly folders: [ByteName, Time][];
  readonly left: string[];
}

/** Fills the empty folder `to` and makes it like `from`. */
export function copyTree(from: number, to: number): readonly string[] {
  using batch = new FileBatch(to);
  const copy: Copy = { from, to, batch, first: new Map(), folders: [], left: [] };
  const waiting: [ByteName, FileEntry][] = [['', describeFolder(from, '')]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [path, entry] = next;
    copyEntry(copy, path, entry);
    if (entry.kind !== 'folder') continue;
    for (const one of listFolder(from, path)) {
      waiting.push([path === '' ? one.name : `${path}/${one.name}`, one]);
    }
  }
  for (const [path, modified] of copy.folders.toReversed()) batch.times(path, modified);
  batch.flush();
  return copy.left;
}

/** Makes the folder `to` like `from` was; `between` may change both. */
export function copyFolder(from: number, to: number, between: () => void): void {
  const entry = describeFolder(from, '');
  between();
  using batch = new FileBatch(to);
  batch.folder('', attributesOf(entry));
  batch.times('', entry.modified);
  batch.flush();
}

function copyEntry(copy: Copy, path: ByteName, entry: FileEntry): void {
  const { batch } = copy;
  const attributes = attributesOf(entry);
  switch (entry.kind) {
    case 'folder':
      batch.folder(path, attributes);
      copy.folders.push([path, entry.modified]);
      return;
    case 'file':
      copyFile(copy, path, entry, attributes);
      return;
    case 'link':
      batch.link(path, attributes, entry.target);
      return;
    case 'socket':
      copy.left.push(shownName(path));
      return;
    default: {
      const mode = entry.mode | nodeTypes[entry.kind];
      batch.node(path, { ...attributes, mode }, entry.major, entry.minor);
    }
  }
}

function copyFile(
  copy: Copy,
  path: ByteName,
  entry: FileEntry,
  attributes: Attributes,
): void {
  const id = `${entry.device}:${entry.inode}`;
  const first = copy.first.get(id);
  if (first !== undefined) return copy.batch.hardLink(path, first);
  if (entry.links > 1) copy.first.set(id, path);
  if (entry.size <= FileBatch.largestFile) {
    copy.batch.file(path, attributes, contentOf(copy, path, entry.size));
  } else {
    copyContent(copy, path, attributes);
  }
}

/** A fifo that somebody has put there meanwhile must not keep us waiting. */
const toRead = constants.O_RDONLY | constants.O_NONBLOCK;

/** No more than was there when it was looked at: it may be growing. */
function contentOf({ from }: Copy, path: ByteName, size: number): Uint8Array {
  const content = Buffer.alloc(size);
  if (size === 0) return content;
  const source = openBeneath(from, path, toRead);
  try {
    let filled = 0;
    for (let read = 1; read > 0 && filled < size; filled += read) {
      read = readSync(source, content, filled, size - filled, filled);
    }
    return content.subarray(0, filled);
  } finally {
    closeSync(source);
  }
}

/** A large one: the kernel copies, and shares the blocks where the file system can. */
function copyContent(
  { from, to, batch }: Copy,
  path: ByteName,
  about: Attributes,
): void {
  batch.file(path, about, new Uint8Array());
  batch.flush();
  const { O_WRONLY, COPYFILE_FICLONE } = constants;
  const source = openBeneath(from, path, toRead);
  try {
    const target = openBeneath(to, path, O_WRONLY);
    try {
      const [a, b] = [source, target].map(one => `/proc/self/fd/${one}`);
      copyFileSync(a ?? '', b ?? '', COPYFILE_FICLONE);
      batch.finish(path, target, about);
      batch.flush();
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

function attributesOf({ mode, uid, gid, modified, xattrs }: FileEntry): Attributes {
  // What overlayfs notes for itself means nothing outside of its layers.
  const own = [...xattrs].filter(([name]) => !/^(trusted|user)\.overlay\./.test(name));
  return { mode, owner: { uid, gid }, modified, xattrs: new Map(own) };
}
