// An overlay of folders, as a descriptor.
//
// - `overlayOf(wish)`: lower folders (the highest first), and maybe a writable one
//
// Three ways to name the folders, tried in this order: each by a descriptor (6.13),
// each by a string (6.5), all in one string. A string of fsconfig(2) ends after 255
// bytes, so a folder's name in it is the number of its descriptor, as seen from
// /proc/self/fd: the last way holds about 60 layers. The kernel takes 500.
// Sources: overlayfs.rst, fsconfig(2).

import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import {
  makeFileSystem,
  SyscallError,
  type FileSystemOption,
  type OpenMount,
} from '@slipway/native';

export interface OverlayWish {
  readonly lower: readonly string[];
  /** An empty folder on the same file system as `upper`. */
  readonly writable?: { readonly upper: string; readonly work: string };
  /** Mounted by root of a user namespace: its attributes are called `user.overlay.`. */
  readonly userNamespace: boolean;
  /** Only this one; without it, whichever the kernel knows. */
  readonly way?: Way;
}

type Way = 'descriptors' | 'strings' | 'oneString';

/** OVL_MAX_STACK of the kernel. */
const mostLayers = 500;

/** @throws SyscallError with the kernel's own words, Error for too many layers */
export function overlayOf(wish: OverlayWish): OpenMount {
  const { lower, writable, userNamespace } = wish;
  if (lower.length > mostLayers) {
    throw new Error(`${lower.length} layers: overlayfs takes ${mostLayers}`);
  }
  using opened = openAll([
    ...lower,
    ...(writable ? [writable.upper, writable.work] : []),
  ]);
  // #hole order: overlayfs wants the highest folder first, and so is `lower` given.
  const layers = opened.descriptors.slice(0, lower.length);
  // #instead
  // const layers = opened.descriptors.slice(0, lower.length).toReversed();
  // #endhole
  const [upper, work] = opened.descriptors.slice(lower.length);
  const rest: readonly FileSystemOption[] = userNamespace ? ['userxattr'] : [];
  const inTable: FileSystemOption = ['source', 'slipway'];
  const named = (name: (descriptor: number) => string | number): FileSystemOption[] =>
    upper === undefined || work === undefined
      ? []
      : [
          ['upperdir', name(upper)],
          ['workdir', name(work)],
        ];
  const [by, text] = [Number, String];
  // #region overlay
  const ways: Readonly<Record<Way, readonly FileSystemOption[]>> = {
    descriptors: [inTable, ...layers.map(lowerBy(by)), ...named(by), ...rest],
    strings: [inTable, ...layers.map(lowerBy(text)), ...named(text), ...rest],
    oneString: [inTable, ['lowerdir', layers.join(':')], ...named(text), ...rest],
  };
  // #endregion
  return firstThatWorks(Object.entries(ways).filter(([way]) => only(wish, way)));
}

function only({ way }: OverlayWish, one: string): boolean {
  return way === undefined || way === one;
}

function lowerBy(
  name: (descriptor: number) => string | number,
): (descriptor: number) => FileSystemOption {
  return descriptor => ['lowerdir+', name(descriptor)];
}

/** What an older kernel answers to what it has not learned yet: a key, a descriptor. */
const unknown: ReadonlySet<string> = new Set(['EINVAL', 'EOPNOTSUPP']);

function firstThatWorks(
  ways: readonly (readonly [string, readonly FileSystemOption[]])[],
): OpenMount {
  let first: unknown;
  for (const [way, options] of ways) {
    const folder = way === 'descriptors' ? undefined : '/proc/self/fd';
    try {
      return makeFileSystem('overlay', options, folder);
    } catch (error) {
      if (!(error instanceof SyscallError && unknown.has(error.code))) throw error;
      first ??= error;
    }
  }
  throw first;
}

function openAll(
  folders: readonly string[],
): Disposable & { readonly descriptors: readonly number[] } {
  const descriptors: number[] = [];
  const close = (): void => {
    for (const descriptor of descriptors) closeSync(descriptor);
  };
  try {
    const flags = constants.O_RDONLY | constants.O_DIRECTORY;
    for (const folder of folders) descriptors.push(openSync(folder, flags));
  } catch (error) {
    close();
    throw error;
  }
  return { descriptors, [Symbol.dispose]: close };
}

/** Where nothing is writable overlayfs wants two lower folders: this one is empty. */
export function emptyFolder(home: string): string {
  const folder = `${home}/.empty`;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}
