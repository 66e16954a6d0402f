// The smallest root that feels like a system: busybox, and folders with familiar names.
//
// - `busyboxTree(program?)`: its entries, to be written as a folder or as an archive
//
// busybox is one static program with three hundred names, so the tree needs no loader,
// no libraries and no package manager: /lib is there and empty, for whoever brings
// some.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readElf } from '../packing/elf.ts';
import { findProgram } from '../packing/find-program.ts';
import type { TreeEntry } from '../files/tree.ts';

const folders: readonly (readonly [path: string, mode: number])[] = [
  ...['bin', 'dev', 'etc', 'home', 'lib'].map(name => [name, 0o755] as const),
  ['proc', 0o555],
  ['root', 0o700],
  ['run', 0o755],
  ['sbin', 0o755],
  ['sys', 0o555],
  // Everybody may write there and nobody may remove what is another's.
  ['tmp', 0o1777],
  ...['usr', 'usr/bin', 'usr/sbin', 'var'].map(name => [name, 0o755] as const),
];

const files: readonly (readonly [path: string, text: string])[] = [
  ['etc/group', 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n'],
  [
    'etc/passwd',
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  ],
];

/**
 * A root around the busybox of this machine, or around `program`.
 *
 * @throws Error if it is not there, or needs libraries
 */
export function busyboxTree(
  program: string = findProgram('busybox'),
): readonly TreeEntry[] {
  if (readElf(program)?.interpreter !== undefined) {
    throw new Error(`${program} needs libraries: apt-get install busybox-static`);
  }
  // `--list-full` names each of its names with its folder: bin/ls, usr/sbin/chroot.
  const listed = execFileSync(program, ['--list-full'], { encoding: 'utf8' });
  const names = listed
    .trim()
    .split('\n')
    .filter(name => name.includes('/') && name !== 'bin/busybox')
    .toSorted();
  return [
    ...folders.map(([path, mode]) => ({ type: 'folder', path, mode }) as const),
    {
      type: 'file',
      path: 'bin/busybox',
      mode: 0o755,
      content: readFileSync(program),
    },
    ...names.map(path => ({ type: 'link', path, target: '/bin/busybox' }) as const),
    ...files.map(
      ([path, text]) =>
        ({ type: 'file', path, mode: 0o644, content: Buffer.from(text) }) as const,
    ),
  ];
}
