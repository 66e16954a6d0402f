/**
 * Writes a cpio archive in the form that the kernel unpacks as an initramfs ("newc").
 *
 * - writeCpio(entries)   the archive's bytes; folders on the way to a file are added by themselves
 *
 * One entry on the wire, every number as eight hexadecimal digits, each part padded to four bytes:
 *
 *     "070701" ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor
 *     namesize 00000000 | name NUL pad | data pad            … and at the end "TRAILER!!!"
 *
 * Invariant: the same entries give the same bytes: there is no clock and no owner in them.
 * Source: Documentation/driver-api/early-userspace/buffer-format.rst; cpio(5).
 */

export type CpioEntry =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly data: Uint8Array;
      readonly mode?: number;
    };

const formatFile = 0o100000;
const formatFolder = 0o040000;
const formatLink = 0o120000;

/** @throws when a path is empty, absolute, climbs with `..`, or stands there twice. */
export function writeCpio(entries: readonly CpioEntry[]): Uint8Array {
  const all = withFolders(entries);
  const pieces = all.flatMap((entry, index) => record(entry, index + 1));
  pieces.push(...header('TRAILER!!!', 0, 0, 0));
  return Buffer.concat(pieces);
}

/** The kernel makes no missing folders, so every folder must come before what lies in it. */
function withFolders(entries: readonly CpioEntry[]): readonly CpioEntry[] {
  const known = new Map<string, CpioEntry>();
  for (const entry of entries) {
    checkPath(entry.path);
    const parts = entry.path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const path = parts.slice(0, depth).join('/');
      const above = known.get(path) ?? { kind: 'folder', path };
      if (above.kind !== 'folder')
        throw new Error(`cpio: ${path} is a ${above.kind}, not a folder`);
      known.set(path, above);
    }
    const before = known.get(entry.path);
    if (before !== undefined && (before.kind !== 'folder' || entry.kind !== 'folder')) {
      throw new Error(`cpio: ${entry.path} stands there twice`);
    }
    known.set(entry.path, entry);
  }
  return [...known.values()];
}

function checkPath(path: string): void {
  const parts = path.split('/');
  if (parts.some(part => part === '' || part === '.' || part === '..') || path.includes('\0')) {
    throw new Error(`cpio: not a plain relative path: ${JSON.stringify(path)}`);
  }
  if (path === 'TRAILER!!!') throw new Error('cpio: a file named TRAILER!!! would end the archive');
}

function record(entry: CpioEntry, inode: number): readonly Uint8Array[] {
  switch (entry.kind) {
    case 'folder':
      return header(entry.path, formatFolder | 0o755, inode, 0);
    case 'link': {
      const target = Buffer.from(entry.target);
      return [...header(entry.path, formatLink | 0o777, inode, target.length), ...padded(target)];
    }
    case 'file': {
      const mode = formatFile | (entry.mode ?? 0o644);
      return [...header(entry.path, mode, inode, entry.data.length), ...padded(entry.data)];
    }
  }
}

function header(path: string, mode: number, inode: number, size: number): readonly Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const links = (mode & 0o170000) === formatFolder ? 2 : 1;
  const numbers = [inode, mode, 0, 0, links, 0, size, 0, 0, 0, 0, name.length, 0];
  const digits = numbers.map(number => number.toString(16).toUpperCase().padStart(8, '0')).join('');
  return padded(Buffer.concat([Buffer.from(`070701${digits}`), name]));
}

function padded(bytes: Uint8Array): readonly Uint8Array[] {
  return [bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)];
}
