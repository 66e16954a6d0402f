// The layer between the image and what the container writes: this machine's own part.
//
// - `initLayer(there, own)`: its archive; `there` is what stands in the image's root
//
// /etc/hosts, /etc/resolv.conf and /etc/hostname say something about *this* container
// on *this* host. They belong into no image, and whoever commits the container does not
// want them either: so they lie in a layer of their own, which a commit leaves out. The
// folders on which /dev, /proc and /sys will be mounted are made there for the same
// reason.

import type { FileEntry } from '@slipway/native';
import { paddingOf, rootsEntry, type TarEntry } from '../tar/entry.ts';
import { endOfArchive, entryHeader } from '../tar/writer.ts';

export interface OwnFiles {
  readonly hostname: string;
  /** Of /etc/resolv.conf. */
  readonly resolver: string;
  /** Of /etc/hosts. */
  readonly hosts: string;
  /** What else must be there to be mounted on, such as `dev/pts`; without content. */
  readonly places?: readonly Place[];
}

export interface Place {
  /** In the root, in /dev or in /etc. */
  readonly path: string;
  readonly kind: 'folder' | 'file' | 'link';
  readonly target?: string;
}

/** What a container finds if nobody has said anything. */
export function usualFiles(hostname: string, resolver: string): OwnFiles {
  const names = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback'];
  const hosts = [...names, `127.0.1.1\t${hostname}`].map(line => `${line}\n`).join('');
  return { hostname, resolver, hosts };
}

export function initLayer(there: readonly FileEntry[], own: OwnFiles): Buffer {
  const found = new Map(there.map(entry => [entry.name, entry]));
  const parts: Buffer[] = placesIn('', own);
  for (const name of ['dev', 'etc', 'proc', 'sys']) {
    const stands = found.get(name);
    // Where /etc is a link, the image has arranged itself otherwise: it is left alone.
    if (stands !== undefined && stands.kind !== 'folder') continue;
    const inside = placesIn(name, own);
    if (name === 'etc') inside.push(...ownFiles(own));
    if (stands === undefined) parts.push(entryHeader(folder(name, 0o755)));
    // A folder of an upper layer speaks for the whole folder: it must look the same.
    else if (inside.length > 0) parts.push(entryHeader(sameAs(stands)));
    parts.push(...inside);
  }
  return Buffer.concat([...parts, endOfArchive]);
}

function ownFiles(own: OwnFiles): readonly Buffer[] {
  // #hole init: Three files say who this container is, and whom it may ask.
  return [
    ...file('etc/hostname', own.hostname === '' ? '' : `${own.hostname}\n`),
    ...file('etc/hosts', own.hosts),
    ...file('etc/resolv.conf', own.resolver),
  ];
  // #instead
  // void [own, file];
  // return [];
  // #endhole
}

function placesIn(parent: string, { places = [] }: OwnFiles): Buffer[] {
  return places
    .filter(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/'))) === parent)
    .flatMap(({ path, kind, target = '' }) => {
      if (kind === 'file') return file(path, '');
      if (kind === 'folder') return [entryHeader(folder(path, 0o755))];
      return [entryHeader({ ...rootsEntry, name: path, kind, mode: 0o777, target })];
    });
}

function folder(name: string, mode: number): TarEntry {
  return { ...rootsEntry, name, kind: 'folder', mode };
}

function sameAs({ name, mode, uid, gid, modified, xattrs }: FileEntry): TarEntry {
  return { ...rootsEntry, name, kind: 'folder', mode, uid, gid, modified, xattrs };
}

function file(name: string, text: string): readonly Buffer[] {
  const content = Buffer.from(text);
  const entry = { ...rootsEntry, name, kind: 'file', mode: 0o644 } as const;
  return [
    entryHeader({ ...entry, size: content.length }),
    content,
    Buffer.alloc(paddingOf(content.length)),
  ];
}
