// Made from ../../layers/walk.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Trees, walked in one order: a folder, then what is in it, names by their bytes.
//
// - `walkTree(root)`: everything
// - `walkUpper(root)`: a layer as overlayfs has left it, its signs read
// - `walkAufs(root)`: the same of aufs
// - `walkDifference(before, after)`: what has to be said of `after` to who has `before`
//
// Roots are descriptors of folders. Source: overlayfs.rst.

import {
  describeFolder,
  listFolder,
  SyscallError,
  type ByteName,
  type FileEntry,
} from '@slipway/native';
import type { Walked } from './pack.ts';
import {
  isHousekeeping,
  isOverlayXattr,
  opaqueName,
  readWhiteout,
} from './whiteouts.ts';

/** Everything below `root`, and `root` itself under an empty path. */
export function* walkTree(root: number): Generator<Walked> {
  yield { path: '', entry: describeFolder(root, '') };
  for (const found of below(root)) yield found;
}

/** As `walkTree`, with whiteouts and opaque folders told apart from files. */
export function* walkUpper(root: number): Generator<Walked> {
  yield { path: '', entry: describeFolder(root, '') };
  for (const { path, entry } of below(root)) {
    if (isWhiteout(entry)) yield { path, hidden: true };
    else yield { path, entry, opaque: isOpaque(entry) };
  }
}

/** As `walkTree`, of a layer as aufs has left it. */
export function* walkAufs(root: number): Generator<Walked> {
  const found = [{ path: '', entry: describeFolder(root, '') }, ...below(root)];
  const opaque = new Set(
    found.flatMap(({ path, entry }) =>
      entry.name === opaqueName ? [path.slice(0, -opaqueName.length - 1)] : [],
    ),
  );
  for (const { path, entry } of found) {
    const whiteout = readWhiteout(path);
    if (whiteout?.kind === 'whiteout') yield { path: whiteout.path, hidden: true };
    else if (whiteout === undefined && !isHousekeeping(path)) {
      yield { path, entry, opaque: opaque.has(path) };
    }
  }
}

/** What overlayfs puts where something was deleted. */
export function isWhiteout({ kind, major, minor }: FileEntry): boolean {
  return kind === 'character' && major === 0 && minor === 0;
}

export function isOpaque({ kind, xattrs }: FileEntry): boolean {
  if (kind !== 'folder' || xattrs.size === 0) return false;
  const value =
    xattrs.get('trusted.overlay.opaque') ?? xattrs.get('user.overlay.opaque');
  return value?.toString() === 'y';
}

interface Found {
  readonly path: ByteName;
  readonly entry: FileEntry;
}

/** By a stack of its own: a tree may be deeper than a language likes to recurse. */
function* below(root: number, start: ByteName = ''): Generator<Found> {
  const waiting = childrenOf(root, start);
  for (let found = waiting.pop(); found !== undefined; found = waiting.pop()) {
    yield found;
    if (found.entry.kind === 'folder') waiting.push(...childrenOf(root, found.path));
  }
}

/** The last one first. */
function childrenOf(root: number, path: ByteName): Found[] {
  return unlessGone(path, () => listFolder(root, path), [])
    .map(entry => ({ path: join(path, entry.name), entry }))
    .toReversed();
}

/** Somebody may be at work there: a folder that has gone since it was seen is empty. */
export function unlessGone<T>(path: ByteName, look: () => T, empty: T): T {
  try {
    return look();
  } catch (error) {
    const isGone =
      error instanceof SyscallError &&
      ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(error.code);
    if (path !== '' && isGone) return empty;
    throw error;
  }
}

export function join(folder: ByteName, name: ByteName): ByteName {
  return folder === '' ? name : `${folder}/${name}`;
}

/**
 * In the same order; a name that has gone is hidden at its place.
 *
 * The folders above a change are told, too: in an upper layer a folder speaks for the
 * whole folder, and one that is not described would get a mode of its own.
 */
export function* walkDifference(before: number, after: number): Generator<Walked> {
  const above = new Map<ByteName, FileEntry>();
  for (const one of changed(before, after, above)) {
    for (const folder of foldersAbove(one.path)) {
      const entry = above.get(folder);
      if (entry === undefined) continue;
      above.delete(folder);
      yield { path: folder, entry };
    }
    above.delete(one.path);
    yield one;
  }
}

function foldersAbove(path: ByteName): readonly ByteName[] {
  const folders = [''];
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    folders.push(path.slice(0, at));
  }
  return folders;
}

/** `above` gathers the folders that are the same in both. */
function* changed(
  before: number,
  after: number,
  above: Map<ByteName, FileEntry>,
): Generator<Walked> {
  const root = { path: '', entry: describeFolder(after, '') };
  above.set('', root.entry);
  if (!isEqual(describeFolder(before, ''), root.entry)) yield root;
  const waiting: ByteName[] = [''];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const old = new Map(listFolder(before, path).map(entry => [entry.name, entry]));
    const deeper: ByteName[] = [];
    const fresh = unlessGone(path, () => listFolder(after, path), []);
    const names = new Set(fresh.map(({ name }) => name));
    for (const name of old.keys()) {
      if (!names.has(name)) yield { path: join(path, name), hidden: true };
    }
    for (const entry of fresh) {
      const inside = join(path, entry.name);
      const was = old.get(entry.name);
      if (was === undefined || was.kind !== entry.kind) {
        // Of another kind, it takes the old one's place: no sign is needed for that.
        yield { path: inside, entry };
        if (entry.kind === 'folder') yield* below(after, inside);
        continue;
      }
      if (entry.kind === 'folder') {
        above.set(inside, entry);
        deeper.push(inside);
      }
      if (!isEqual(was, entry)) yield { path: inside, entry };
    }
    waiting.push(...deeper.toReversed());
  }
}

/** As far as a reader can tell; not what is in a folder. */
export function isEqual(a: FileEntry, b: FileEntry): boolean {
  const same =
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.major === b.major &&
    a.minor === b.minor &&
    a.target === b.target;
  if (!same || !haveEqualXattrs(a, b)) return false;
  // A folder's time says that a name came or went: those are listed themselves.
  if (a.kind === 'folder') return true;
  const sameTime =
    a.modified.seconds === b.modified.seconds &&
    a.modified.nanoseconds === b.modified.nanoseconds;
  return sameTime && (a.kind !== 'file' || a.size === b.size);
}

function haveEqualXattrs(a: FileEntry, b: FileEntry): boolean {
  if (a.xattrs.size === 0 && b.xattrs.size === 0) return true;
  return xattrText(a) === xattrText(b);
}

function xattrText({ xattrs }: FileEntry): string {
  return [...xattrs]
    .filter(([name]) => !isOverlayXattr(name))
    .map(([name, value]) => `${name}=${value.toString('hex')}`)
    .toSorted()
    .join('\n');
}
// As made: b6f02c07
