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
}

/** What a container finds if nobody has said anything. */
export function usualFiles(hostname: string, resolver: string): OwnFiles {
  const names = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback'];
  const hosts = [...names, `127.0.1.1\t${hostname}`].map(line => `${line}\n`).join('');
  return { hostname, resolver, hosts };
}

export function initLayer(there: readonly FileEntry[], own: OwnFiles): Buffer {
  const found = new Map(there.map(entry => [entry.name, entry]));
  const parts: Buffer[] = [];
  for (const name of ['dev', 'proc', 'sys']) {
    if (!found.has(name)) parts.push(entryHeader(folder(name, 0o755)));
  }
  const etc = found.get('etc');
  // Where /etc is a link, the image has arranged itself otherwise: it is left alone.
  if (etc === undefined || etc.kind === 'folder') {
    // A folder of an upper layer speaks for the whole folder: it must look the same.
    parts.push(entryHeader(etc === undefined ? folder('etc', 0o755) : sameAs(etc)));
    // #hole init: Three files say who this container is, and whom it may ask.
    parts.push(...file('etc/hostname', `${own.hostname}\n`));
    parts.push(...file('etc/hosts', own.hosts));
    parts.push(...file('etc/resolv.conf', own.resolver));
    // #instead
    // void [own, file];
    // #endhole
  }
  return Buffer.concat([...parts, endOfArchive]);
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
