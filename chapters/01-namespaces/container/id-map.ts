// Who is who on both sides of a user namespace.
//
// - `IdMap`: a range of ids inside, and the range outside that it stands for
// - `writeIdMaps(pid, maps)`: tells the kernel, from outside, once
// - `rootAs(user)`: root inside is this user outside
//
// A new user namespace knows nobody: until the maps are written every id inside is
// 65534, "nobody". They can be written once, by a process outside that may do so.
// Source: user_namespaces(7).

import { writeFileSync } from 'node:fs';

/** `count` ids from `inside` on stand for as many from `outside` on. */
export interface IdMap {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

export interface IdMaps {
  readonly uids: readonly IdMap[];
  readonly gids: readonly IdMap[];
  /** Whether groups may be changed inside; only root may write maps that allow it. */
  readonly setgroups: 'allow' | 'deny';
}

/** The user outside who writes the maps. */
export interface Writer {
  readonly uid: number;
  readonly gid: number;
}

/** Maps in which id 0 inside is `writer` outside, and nobody else exists. */
export function rootAs(writer: Writer): IdMaps {
  return {
    uids: [{ inside: 0, outside: writer.uid, count: 1 }],
    gids: [{ inside: 0, outside: writer.gid, count: 1 }],
    setgroups: writer.uid === 0 ? 'allow' : 'deny',
  };
}

/**
 * Writes the maps of the process `pid`, which waits at a barrier.
 *
 * @throws Error EPERM if the writer may not map these ids
 */
export function writeIdMaps(pid: number, maps: IdMaps): void {
  // #hole deny-setgroups: A user may give up a group to get *more* rights: a file can
  // shut out just one group. What does the kernel want to be told, and before which
  // of the maps, so that an ordinary user can write them? (user_namespaces(7))
  if (maps.setgroups === 'deny') tell(pid, 'setgroups', 'deny');
  // #instead
  // #endhole
  // #hole write-maps: Two files of the waiting process take the maps, one line a range.
  // Which come first on each line, the ids inside or those outside?
  tell(pid, 'gid_map', formatMaps(maps.gids));
  tell(pid, 'uid_map', formatMaps(maps.uids));
  // #instead
  // void [tell, pid, maps]; // what you have to do it with
  // #endhole
}

/** Writes one of the files that describe a user namespace. */
function tell(
  pid: number,
  file: 'setgroups' | 'gid_map' | 'uid_map',
  text: string,
): void {
  try {
    writeFileSync(`/proc/${pid}/${file}`, text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const shown = JSON.stringify(text);
    throw new Error(`/proc/${pid}/${file} refuses ${shown}: ${reason}`, { cause });
  }
}

/** The text of a map file: one range a line, `inside outside count`. */
export function formatMaps(maps: readonly IdMap[]): string {
  return maps
    .map(({ inside, outside, count }) => `${inside} ${outside} ${count}\n`)
    .join('');
}

/**
 * The range in `inside:outside:count`.
 *
 * @throws Error naming what is wrong with the text
 */
export function parseIdMap(text: string): IdMap {
  const numbers = /^(\d+):(\d+):(\d+)$/.exec(text)?.slice(1).map(Number);
  const [inside, outside, count] = numbers ?? [];
  if (inside === undefined || outside === undefined || count === undefined) {
    throw new Error(`the map ${text} is not INSIDE:OUTSIDE:COUNT, as in 0:1000:1`);
  }
  const largest = 2 ** 32 - 2;
  if (count < 1 || inside + count - 1 > largest || outside + count - 1 > largest) {
    throw new Error(`the map ${text} leaves the range of ids, 0 to ${largest}`);
  }
  return { inside, outside, count };
}
