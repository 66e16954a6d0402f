// File systems as descriptors: mounted, and in nobody's mount table.
//
// - `makeFileSystem(kind, options)`: such as an overlay of folders → an OpenMount
// - `makeFileSystemByText(kind, place, texts)`: one that reads its options itself, such as aufs
// - `openBeneath(root, path, flags)`: a file below a descriptor, through no link
// - `ByteName`: a name as the kernel has it, one character a byte
//
// A container's root is made here by the parent and attached by slipway-init (`step.attach`).
// Closing the last descriptor unmounts it. Sources: fsopen(2), fsconfig(2), fsmount(2), openat2(2).

import { call, native } from './binding.ts';
import type { OpenMount } from './mounts.ts';

/** A flag (`userxattr`), a text (`['source', 'box']`), or a descriptor (`['lowerdir+', 7]`). */
export type FileSystemOption = string | readonly [key: string, value: string | number];

/**
 * A mount of a new file system that hangs nowhere; the options in their order.
 *
 * @param folder what relative paths in the options are relative to
 * @throws SyscallError with the last line of the kernel's own explanation in `args`: ENODEV if
 *   there is no such file system, EPERM without CAP_SYS_ADMIN, EINVAL for an option
 */
export function makeFileSystem(
  kind: string,
  options: readonly FileSystemOption[],
  folder?: string,
): OpenMount {
  const given = options.map(option => {
    if (typeof option === 'string') return { key: option };
    const [key, value] = option;
    return typeof value === 'number' ? { key, descriptor: value } : { key, value };
  });
  return owned(call(() => native().makeFileSystem(kind, given, folder)));
}

/**
 * The same by mount(2), for a file system that wants its options as one text of less than a page;
 * more of them, each a further text, are given to it as a remount does.
 *
 * @param place a folder, over which it is mounted where nobody sees it
 */
export function makeFileSystemByText(
  kind: string,
  place: string,
  texts: readonly string[],
): OpenMount {
  return owned(call(() => native().makeFileSystemByText(kind, place, [...texts])));
}

/**
 * A name or a path as the kernel has it: bytes without a meaning, one character (U+0000 to U+00FF)
 * a byte. Nothing is lost of a name that is not UTF-8, and `<` compares as the bytes do.
 */
export type ByteName = string;

/** The bytes of a name. */
export function nameBytes(name: ByteName): Buffer {
  return Buffer.from(name, 'latin1');
}

/** The name that these bytes are. */
export function byteName(bytes: Uint8Array): ByteName {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** The name that a text is. */
export function byteNameOf(text: string): ByteName {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** A name as a person reads it: what is no UTF-8 shows as a question mark in a diamond. */
export function shownName(name: ByteName): string {
  return nameBytes(name).toString('utf8');
}

interface Opening {
  readonly follow?: boolean | 'beneath';
  readonly mode?: number;
}

/**
 * The descriptor of a file below `root`, the caller's to close.
 *
 * @param follow follows links, which end at `root` then, or must stay beneath it; without it they
 *   are refused
 * @throws SyscallError ENOENT, ELOOP for a link, EXDEV for a way out
 */
export function openBeneath(
  root: number,
  path: ByteName,
  flags: number,
  { follow = false, mode = 0 }: Opening = {},
): number {
  const links = follow === true ? 'end' : follow || undefined;
  return call(() => native().openBeneath(root, nameBytes(path), flags, mode, links));
}

function owned(descriptor: number): OpenMount {
  return { descriptor, [Symbol.dispose]: () => native().close(descriptor) };
}
