// Made from ../../files/beneath.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Writing beneath a folder, whatever is in it.
//
// - `Beneath.open(folder)`: holds the folder by a descriptor; disposing closes it
// - `.makeFolder`, `.makeFile`, `.makeLink`, `.makeHardLink`: by a path inside
// - `HostilePath`: a path that would have led out, or through a link
//
// A path is walked one name at a time, each opened from the descriptor of the one
// before and never through a link, so a link that says `/etc` cannot carry a write to
// /etc. Node has no openat(2); /proc/self/fd/N/NAME is its spelling. Source: open(2),
// O_NOFOLLOW.

import {
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';

/** A path that does not lead to a place beneath the folder. */
export class HostilePath extends Error {
  override readonly name = 'HostilePath';
}

export interface Ownership {
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

const aFolder = constants.O_RDONLY | constants.O_DIRECTORY;

export class Beneath implements Disposable {
  readonly #root: number;
  /** The folder of the last path: archives stay in one for a while. */
  #last: { readonly path: string; readonly descriptor: number } | undefined;

  private constructor(root: number) {
    this.#root = root;
  }

  static open(folder: string): Beneath {
    return new Beneath(openSync(folder, aFolder));
  }

  /** A folder; one that is there stays and takes the mode. */
  makeFolder(path: string, { mode, uid, gid }: Ownership): void {
    const names = namesOf(path);
    const place = names.length === 0 ? atRoot(this.#root) : this.#walk(names);
    if (uid !== undefined && gid !== undefined) chownSync(`${place}/.`, uid, gid);
    const descriptor = openSync(`${place}/.`, aFolder);
    fchmodSync(descriptor, mode);
    closeSync(descriptor);
  }

  /**
   * A new, empty file to write to; what was there before is replaced. The caller's to
   * close.
   */
  makeFile(path: string, { mode, uid, gid }: Ownership): number {
    const place = this.#freePlace(path);
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const descriptor = openSync(place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    if (uid !== undefined && gid !== undefined) fchownSync(descriptor, uid, gid);
    // After chown, which takes the set-uid bit away.
    fchmodSync(descriptor, mode);
    return descriptor;
  }

  /** A symbolic link. Its target is a text: nothing here ever follows it. */
  makeLink(path: string, target: string, owner: Omit<Ownership, 'mode'> = {}): void {
    const place = this.#freePlace(path);
    symlinkSync(target, place);
    const { uid, gid } = owner;
    if (uid !== undefined && gid !== undefined) lchownSync(place, uid, gid);
  }

  /** Another name for a file that is beneath the folder already. */
  makeHardLink(path: string, existing: string): void {
    const names = namesOf(existing);
    const name = lastOf(names, existing);
    const folder = openSync(`${this.#walk(names.slice(0, -1))}/.`, aFolder);
    try {
      // link(2) follows no link at the end of the first path.
      linkSync(`/proc/self/fd/${folder}/${name}`, this.#freePlace(path));
    } finally {
      closeSync(folder);
    }
  }

  [Symbol.dispose](): void {
    if (this.#last) closeSync(this.#last.descriptor);
    this.#last = undefined;
    closeSync(this.#root);
  }

  /** The place for a new name; an older file or link of that name is gone. */
  #freePlace(path: string): string {
    const names = namesOf(path);
    const name = lastOf(names, path);
    const place = `${this.#walk(names.slice(0, -1))}/${name}`;
    try {
      unlinkSync(place);
    } catch (error) {
      if (!hasCode(error, 'ENOENT'))
        throw hostile(path, 'a folder has that name', error);
    }
    return place;
  }

  /** A path to the folder `names`; what is missing of it is made. */
  #walk(names: readonly string[]): string {
    const path = names.join('/');
    if (this.#last?.path === path) return atRoot(this.#last.descriptor);
    let descriptor = openSync(`${atRoot(this.#root)}/.`, aFolder);
    for (const name of names) {
      using _ = { [Symbol.dispose]: closing(descriptor) };
      descriptor = stepInto(descriptor, name, path);
    }
    if (this.#last) closeSync(this.#last.descriptor);
    this.#last = { path, descriptor };
    return atRoot(descriptor);
  }
}

function stepInto(folder: number, name: string, path: string): number {
  const place = `${atRoot(folder)}/${name}`;
  try {
    mkdirSync(place, 0o755);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  // YOUR PART no-links: A folder of the path may be a link that the archive itself has
  // made a line before: `etc -> /etc`, then `etc/passwd`. open(2) has a flag for that.
  const flags = aFolder;
  try {
    return openSync(place, flags);
  } catch (error) {
    throw hostile(path, `${name} is a link or a file`, error);
  }
}

/**
 * The names of a path, from the root of the folder on; a leading `/` means that root.
 */
function namesOf(path: string): readonly string[] {
  const names = path.split('/').filter(name => name !== '' && name !== '.');
  if (names.includes('..')) throw hostile(path, 'it holds ..');
  if (path.includes('\0')) throw hostile(path, 'it holds a NUL byte');
  return names;
}

function lastOf(names: readonly string[], path: string): string {
  const name = names.at(-1);
  if (name === undefined) throw hostile(path, 'it names the folder itself');
  return name;
}

function closing(descriptor: number): () => void {
  return () => closeSync(descriptor);
}

function atRoot(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

function hostile(path: string, why: string, cause?: unknown): HostilePath {
  return new HostilePath(`${JSON.stringify(path)} is refused: ${why}`, { cause });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
// As made: 1c124c5c
