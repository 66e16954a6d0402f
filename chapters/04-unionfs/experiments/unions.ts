// The same four acts in every kind of union, and what they leave in A and in B.
//
// - `unions`: how each is mounted, and what it takes
// - `observe(folder, union)`: mounts it, acts, looks, unmounts → a row
//
// Acts, in C: write to b; create n; remove b; remove x. Each begins with fresh folders.

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { Requirement } from '@slipway/lab';

export interface Observation {
  readonly union: string;
  readonly seen: string;
  readonly wroteB: string;
  readonly created: string;
  readonly removedB: string;
  readonly removedX: string;
  readonly source: string;
}

export interface Union {
  readonly name: string;
  readonly needs: Requirement;
  readonly mount: readonly string[];
}

/** In a folder that holds A, B, C and an empty W. */
export const unions: readonly Union[] = [
  {
    name: 'aufs dirs=A:B',
    needs: 'filesystem:aufs',
    mount: ['mount', '-t', 'aufs', '-o', 'dirs=./A:./B', 'none', './C'],
  },
  {
    name: 'aufs br:A=rw:B=rw',
    needs: 'filesystem:aufs',
    mount: ['mount', '-t', 'aufs', '-o', 'br:./A=rw:./B=rw', 'none', './C'],
  },
  {
    name: 'unionfs-fuse A=RW:B=RW',
    needs: 'tool:unionfs-fuse',
    mount: ['unionfs-fuse', 'A=RW:B=RW', 'C'],
  },
  {
    name: 'unionfs-fuse cow A=RW:B=RO',
    needs: 'tool:unionfs-fuse',
    mount: ['unionfs-fuse', '-o', 'cow', 'A=RW:B=RO', 'C'],
  },
  {
    name: 'overlayfs upper=A lower=B',
    needs: 'overlay',
    mount: [
      'mount',
      ...['-t', 'overlay', '-o', 'upperdir=A,lowerdir=B,workdir=W', 'none', 'C'],
    ],
  },
];

export function observe(parent: string, union: Union): Observation {
  const place = `${parent}/${union.name.replaceAll(/\W+/g, '-')}`;
  mkdirSync(place);
  const inUnion = (act: () => void): string => {
    fresh(place);
    execFileSync(union.mount[0] ?? '', union.mount.slice(1), { cwd: place });
    try {
      act();
      return readdirSync(`${place}/C`)
        .filter(name => !name.startsWith('.'))
        .join(' ');
    } finally {
      execFileSync('umount', [`${place}/C`]);
    }
  };
  const seen = inUnion(() => undefined);
  inUnion(() => writeFileSync(`${place}/C/b`, 'new'));
  const wroteB = whereWritten(place);
  inUnion(() => writeFileSync(`${place}/C/n`, 'new'));
  const created = ['A/n', 'B/n']
    .filter(name => existsSync(`${place}/${name}`))
    .join(' ');
  inUnion(() => rmSync(`${place}/C/b`));
  const removedB = removal(place, 'b');
  inUnion(() => rmSync(`${place}/C/x`));
  const removedX = removal(place, 'x');
  return {
    union: union.name,
    seen,
    wroteB,
    created,
    removedB,
    removedX,
    source: 'live',
  };
}

function fresh(place: string): void {
  for (const name of ['A', 'B', 'C', 'W']) {
    rmSync(`${place}/${name}`, { recursive: true, force: true });
    mkdirSync(`${place}/${name}`);
  }
  for (const name of ['A/a', 'A/x', 'B/b', 'B/x']) {
    writeFileSync(`${place}/${name}`, `of ${name}`);
  }
}

function whereWritten(place: string): string {
  if (readFileSync(`${place}/B/b`, 'utf8') === 'new') return 'in place: B/b';
  return existsSync(`${place}/A/b`) ? 'copied up: A/b' : 'nowhere';
}

/** What has gone, and what has come to say so. */
function removal(place: string, name: string): string {
  const gone = ['A', 'B']
    .filter(branch => existed(branch, name) && !existsAt(`${place}/${branch}/${name}`))
    .map(branch => `${branch}/${name} gone`);
  const signs = findSigns(`${place}/A`, name);
  return [...gone, ...signs.map(sign => `A/${sign}`)].join(', ');
}

function existed(branch: string, name: string): boolean {
  return name === 'x' || (branch === 'B' && name === 'b');
}

function existsAt(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isCharacterDevice();
}

function findSigns(folder: string, name: string): readonly string[] {
  const own = lstatSync(`${folder}/${name}`, { throwIfNoEntry: false });
  const device = own?.isCharacterDevice() ? [`${name} = char 0:0`] : [];
  const signs = [`.wh.${name}`, `.unionfs-fuse/${name}_HIDDEN~`];
  return [...device, ...signs.filter(sign => existsSync(`${folder}/${sign}`))];
}
