/**
 * Chapter 04: A{a,x} and B{b,x} become C{a,b,x}, and who wrote where.
 *
 * Whatever makes the union counts: aufs where the kernel has it, unionfs-fuse, overlayfs.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, hint, type Scene, type Seen, type Unit } from '../../../guide/unit.ts';
import { mountAt } from '../../../sight/mounts.ts';

const kinds: ReadonlySet<string> = new Set([
  ...['aufs', 'overlay'],
  ...['fuse.unionfs', 'fuse.unionfs-fuse'],
]);

function prepare({ place, words }: Scene): void {
  for (const folder of ['A', 'B', 'C']) mkdirSync(join(place, folder));
  const files = { 'A/a': 'a of A', 'A/x': 'x of A', 'B/b': 'b of B', 'B/x': 'x of B' };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(place, name), `${text}, ${words['seal']}\n`);
  }
}

const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

function union(scene: Scene): Seen {
  const { place } = scene;
  const mount = mountAt(join(place, 'C'));
  if (mount === undefined) {
    return readdirSync(join(place, 'C')).length > 0 ? hint('copied') : hint('no-mount');
  }
  if (!kinds.has(mount.type)) return hint('other-kind', { kind: mount.type });
  const names = readdirSync(join(place, 'C')).filter(name => !name.startsWith('.'));
  if (names.toSorted().join(' ') !== 'a b x') return hint('other-list', { list: names.join(' ') });
  if (!read(join(place, 'C/x')).startsWith('x of A')) return hint('b-first');
  scene.notes['mount'] = mount.type;
  return done;
}

function written({ place, words }: Scene): Seen {
  if (mountAt(join(place, 'C')) === undefined) return hint('unmounted');
  const word = words['word'] ?? '';
  const without = ['a', 'b', 'x'].filter(name => !read(join(place, 'C', name)).includes(word));
  if (without.length > 0) return hint('unchanged', { names: without.join(' ') });
  // Through C it must have been: C knows nothing of a change that overlayfs was not asked for.
  return read(join(place, 'B/x')).includes(word) ? hint('beneath') : done;
}

function deleted({ place }: Scene): Seen {
  if (mountAt(join(place, 'C')) === undefined) return hint('unmounted');
  if (isFile(join(place, 'A/x'))) return hint('still-there');
  return existsSync(join(place, 'B/x')) ? done : hint('b-lost');
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function apart({ place }: Scene): Seen {
  if (mountAt(join(place, 'C')) !== undefined) return hint('still-mounted');
  return readdirSync(join(place, 'B')).includes('x') ? done : hint('b-lost');
}

export const aAndB: Unit = {
  id: '04-unionfs/a-and-b',
  needs: ['root', 'fuse', 'tool:unionfs-fuse'],
  draw: draw => ({ seal: draw.name(), word: `changed-${draw.between(100, 999)}` }),
  init: prepare,
  tasks: [
    {
      id: 'union',
      look: union,
      solve: ['cd {place}; unionfs-fuse A=RW:B=RW C; cd -'],
      wrong: [
        {
          type: ['cp -n {place}/B/* {place}/C; cp {place}/A/* {place}/C'],
          sees: 'copied',
          undo: ['rm {place}/C/*'],
        },
        {
          type: ['cd {place}; unionfs-fuse B=RW:A=RW C; cd -'],
          sees: 'b-first',
          undo: ['umount {place}/C'],
        },
        {
          type: ['mount --bind {place}/A {place}/C'],
          sees: 'other-kind',
          undo: ['umount {place}/C'],
        },
      ],
    },
    {
      id: 'written',
      look: written,
      solve: ['for name in a b x; do echo {word} >> {place}/C/$name; done'],
      wrong: [{ type: ['echo {word} >> {place}/C/a'], sees: 'unchanged' }],
    },
    {
      id: 'deleted',
      look: deleted,
      solve: ['rm {place}/C/x; ls -la {place}/A {place}/B {place}/C'],
    },
    { id: 'apart', look: apart, solve: ['umount {place}/C'] },
  ],
  restore: () => undefined,
};
