/**
 * Chapter 03: the root that `ldd` lists, and what bash still lacked.
 *
 * Two programs in a folder, the libraries of one of them, then bash refuses to start; then a shell
 * in there, whose `/` is the folder.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { endMarked } from '../../../guide/put-back.ts';
import { done, hint, type Scene, type Seen, type Unit } from '../../../guide/unit.ts';
import { commandOf, markedBy } from '../../../sight/marked.ts';
import { inodeOf } from '../../../sight/views.ts';

const rootOf = ({ place }: Scene): string => join(place, 'root');

function programs(scene: Scene): Seen {
  const root = rootOf(scene);
  if (!existsSync(root)) return hint('no-folder');
  for (const name of ['bash', scene.words['tool'] ?? '']) {
    const copy = join(root, 'bin', name);
    if (!existsSync(copy)) return hint('no-program', { program: name });
    if (!sameBytes(copy, `/bin/${name}`)) return hint('other-bytes', { program: name });
  }
  return done;
}

function sameBytes(one: string, other: string): boolean {
  return inodeOf(one) !== inodeOf(other) && readFileSync(one).equals(readFileSync(other));
}

/** What `ldd` names: libraries by their full paths, and the loader. */
function librariesOf(program: string): readonly string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
}

const missing = (scene: Scene, program: string): readonly string[] =>
  librariesOf(program).filter(path => !existsSync(join(rootOf(scene), path)));

function libraries(scene: Scene): Seen {
  const tool = `/bin/${scene.words['tool']}`;
  const [first] = missing(scene, tool);
  if (first === undefined) return done;
  const loader = missing(scene, tool).find(path => path.includes('/ld-'));
  return loader === undefined ? hint('library', { path: first }) : hint('loader', { path: loader });
}

function bash(scene: Scene): Seen {
  const [first] = missing(scene, '/bin/bash');
  if (first !== undefined) return hint('bash-lacks', { path: first });
  const tried = spawnSync('chroot', [rootOf(scene), '/bin/bash', '-c', 'exit 0']);
  if (tried.status === 0) return done;
  return hint('bash-fails', { error: tried.stderr.toString().trim() });
}

function inside(scene: Scene): Seen {
  const all = markedBy('BOX', scene.words['name'] ?? '').filter(({ pid }) =>
    (commandOf(pid)[0] ?? '').endsWith('bash'),
  );
  if (all.length === 0) return hint('nobody');
  const root = inodeOf(realpathSync(rootOf(scene)));
  return all.some(({ pid }) => inodeOf(`/proc/${pid}/root`) === root) ? done : hint('other-root');
}

const copyLibraries = (program: string): string =>
  `for i in $(ldd ${program} | grep -Eo '/[^ ]*lib[^ ]*'); do cp --parents $i {place}/root; done`;

export const copiedRoot: Unit = {
  id: '03-chroot-rootfs/copied-root',
  needs: ['root', 'tool:chroot', 'tool:ldd'],
  draw: draw => ({ name: draw.name(), tool: draw.pick(['ls', 'cp', 'mkdir', 'dir']) }),
  tasks: [
    {
      id: 'programs',
      look: programs,
      solve: ['mkdir -p {place}/root/bin', 'cp /bin/bash /bin/{tool} {place}/root/bin'],
      wrong: [
        {
          type: ['mkdir -p {place}/root/bin; ln -s /bin/bash /bin/{tool} {place}/root/bin'],
          sees: 'other-bytes',
          undo: ['rm -r {place}/root'],
        },
      ],
    },
    {
      id: 'libraries',
      look: libraries,
      solve: [copyLibraries('/bin/{tool}')],
      wrong: [{ type: ['cp --parents /etc/hostname {place}/root'], sees: 'loader' }],
    },
    { id: 'bash', look: bash, solve: [copyLibraries('/bin/bash')] },
    {
      id: 'inside',
      look: inside,
      solve: ['BOX={name} chroot {place}/root /bin/bash'],
      wrong: [{ type: ['BOX={name} bash'], sees: 'other-root', undo: ['exit'] }],
    },
  ],
  restore: ({ words }) => endMarked('BOX', words['name'] ?? ''),
};
