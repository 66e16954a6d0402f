// Users and groups of a container's own /etc/passwd and /etc/group.
//
// - `readAccounts(root)`: both files, read below a descriptor
// - `parsePasswd`, `parseGroup`: their lines; what is no line is passed over
//
// The files belong to whoever made the image: they are opened inside the root, must be plain files,
// and no more is read than a system with many users has. Sources: passwd(5), group(5).

import { closeSync, constants, fstatSync, readSync } from 'node:fs';
import { byteNameOf, openBeneath, SyscallError } from '@slipway/native';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

export interface Accounts {
  readonly users: readonly User[];
  readonly groups: readonly Group[];
}

const mostBytes = 4 * 1024 * 1024;

export function readAccounts(root: number): Accounts {
  return {
    users: parsePasswd(readFileBelow(root, 'etc/passwd')),
    groups: parseGroup(readFileBelow(root, 'etc/group')),
  };
}

/** Empty if it is not there, or is no file. */
function readFileBelow(root: number, path: string): string {
  let descriptor = -1;
  try {
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    descriptor = openBeneath(root, byteNameOf(path), flags, { follow: true });
    const status = fstatSync(descriptor);
    if (!status.isFile()) return '';
    const bytes = Buffer.alloc(Math.min(status.size, mostBytes));
    return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, bytes.length, 0));
  } catch (error) {
    if (error instanceof SyscallError) return '';
    throw error;
  } finally {
    if (descriptor !== -1) closeSync(descriptor);
  }
}

export function parsePasswd(text: string): readonly User[] {
  return text.split('\n').flatMap(line => {
    const [name = '', , uid = '', gid = '', , home = ''] = line.trim().split(':');
    if (name === '' || name.startsWith('#')) return [];
    return [{ name, uid: idOf(uid) ?? 0, gid: idOf(gid) ?? 0, home }];
  });
}

export function parseGroup(text: string): readonly Group[] {
  return text.split('\n').flatMap(line => {
    const [name = '', , gid = '', members = ''] = line.trim().split(':');
    if (name === '' || name.startsWith('#')) return [];
    return [{ name, gid: idOf(gid) ?? 0, members: members.split(',').filter(Boolean) }];
  });
}

/** A number that the kernel takes for an id. */
export function idOf(written: string): number | undefined {
  const id = /^\d{1,10}$/.test(written) ? Number(written) : Number.NaN;
  return id <= 0x7fff_ffff ? id : undefined;
}
