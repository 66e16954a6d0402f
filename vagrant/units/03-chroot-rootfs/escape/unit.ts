/**
 * Chapter 03: out of chroot, and not out of pivot_root.
 *
 * A perl that is confined by chroot walks out; the same perl, behind pivot_root, tries the same
 * and stays.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endMarked } from '../../../guide/put-back.ts';
import { readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import { done, hint, type Scene, type Seen, type Unit } from '../../../guide/unit.ts';
import { markedBy, noteOf } from '../../../sight/marked.ts';
import { mountAt } from '../../../sight/mounts.ts';
import { inodeOf, sharesView } from '../../../sight/views.ts';

const rootOf = ({ place }: Scene): string => join(place, 'root');
const ofProcess = (pid: number): string | undefined => inodeOf(`/proc/${pid}/root`);

/** perl with its libraries, busybox, and a deeper folder. */
function makeRoot({ place, words }: Scene): void {
  const tree = words['tree'] ?? '';
  const tsx = join(tree, 'node_modules/.bin/tsx');
  const run = join(tree, 'chapters/03-chroot-rootfs/run.ts');
  const env = { ...process.env, PATH: `${join(tree, 'node_modules/.bin')}:${process.env['PATH']}` };
  const packed = spawnSync(tsx, [run, 'pack', join(place, 'root'), 'perl'], { cwd: tree, env });
  if (packed.status !== 0) throw new Error(`no root for this unit: ${packed.stderr.toString()}`);
  const bin = join(place, 'root/bin');
  mkdirSync(join(place, 'root/deeper'));
  mkdirSync(bin, { recursive: true });
  // perl reads it before a program from its command line.
  mkdirSync(join(place, 'root/dev'));
  writeFileSync(join(place, 'root/dev/null'), '');
  const busybox = spawnSync('sh', ['-c', 'command -v busybox']).stdout.toString().trim();
  copyFileSync(busybox, join(bin, 'busybox'));
  for (const name of ['sh', 'umount', 'ls', 'mkdir', 'touch']) {
    if (!existsSync(join(bin, name))) symlinkSync('busybox', join(bin, name));
  }
}

function confined(scene: Scene): Seen {
  const all = markedBy('BOX', scene.words['name'] ?? '');
  if (all.length === 0) return hint('nobody');
  const inside = all.find(({ pid }) => ofProcess(pid) === inodeOf(rootOf(scene)));
  if (inside === undefined) return hint('other-root');
  scene.notes['confined'] = noteOf(inside);
  return done;
}

function out(scene: Scene): Seen {
  const all = markedBy('BOX', scene.words['name'] ?? '');
  const inside = all.filter(({ pid }) => ofProcess(pid) === inodeOf(rootOf(scene)));
  // Who has been seen inside may be seen outside later: the kernel moved nobody, it walked.
  const known = (scene.notes['confined'] ?? '').split(' ');
  const seen = new Set([...known, ...inside.map(noteOf)]);
  scene.notes['confined'] = [...seen].join(' ');
  const free = all.filter(({ pid }) => ofProcess(pid) === inodeOf('/'));
  if (free.some(one => seen.has(noteOf(one)))) return done;
  if (free.length > 0) return hint('never-inside');
  return hint(inside.length > 0 ? 'inside' : 'nobody');
}

function held(scene: Scene): Seen {
  const all = markedBy('HELD', scene.words['name'] ?? '');
  if (all.length === 0) return hint('nobody');
  const own = all.filter(({ pid }) => !sharesView(pid, 'mnt'));
  if (own.length === 0) return hint('only-chroot');
  const inside = own.filter(({ pid }) => ofProcess(pid) === inodeOf(rootOf(scene)));
  if (inside.length === 0) return hint('other-root');
  if (inside.every(({ pid }) => seesMore(pid) || keepsOld(pid))) return hint('old-root');
  return existsSync(join(rootOf(scene), scene.words['trace'] ?? '')) ? done : hint('not-tried');
}

/** Whether the old root still hangs in its table: then there is something to walk to. */
function seesMore(pid: number): boolean {
  // Who enters the table without the process' root stands at the table's own.
  const test = ['/bin/busybox', 'test', '-d', '/deeper'];
  return spawnSync('nsenter', ['-t', `${pid}`, '--mount', ...test]).status !== 0;
}

/** Whether the machine's root is mounted somewhere in what it sees: `/deeper` would lead to it. */
function keepsOld(pid: number): boolean {
  const machine = mountAt('/');
  try {
    return readMountinfo(pid).some(
      ({ device, root }) => device === machine?.device && root === machine.root,
    );
  } catch {
    return true; // it has ended meanwhile
  }
}

const walk = 'chroot "/deeper"; chdir ".." for 1..64; chroot ".";';

export const escape: Unit = {
  id: '03-chroot-rootfs/escape',
  needs: ['root', 'native', 'tool:perl', 'tool:chroot', 'tool:pivot_root', 'tool:busybox'],
  draw: draw => ({ name: draw.name(), trace: `tried-${draw.between(100, 999)}` }),
  init: makeRoot,
  tasks: [
    {
      id: 'confined',
      look: confined,
      solve: ["BOX={name} LC_ALL=C chroot {place}/root perl -e 'sleep 5000' &"],
      wrong: [
        { type: ['BOX={name} sleep 5000 &'], sees: 'other-root', undo: ['kill $!; wait $!'] },
      ],
    },
    {
      id: 'out',
      look: out,
      solve: [`BOX={name} LC_ALL=C chroot {place}/root perl -e 'sleep 3; ${walk} sleep 5000' &`],
      wrong: [
        {
          type: ["BOX={name} perl -e 'sleep 5000' &"],
          sees: 'never-inside',
          undo: ['kill $!; wait $!'],
        },
      ],
    },
    {
      id: 'held',
      look: held,
      solve: [
        `cat > {place}/root/try.pl <<'END'\n${walk} open F, ">", "/{trace}"; sleep 5000;\nEND`,
        'HELD={name} LC_ALL=C unshare --mount --propagation private sh -c "' +
          'mount --bind {place}/root {place}/root; cd {place}/root; ' +
          'pivot_root . .; umount -l .; exec perl /try.pl" &',
      ],
      wrong: [
        {
          type: ["HELD={name} LC_ALL=C chroot {place}/root perl -e 'sleep 5000' &"],
          sees: 'only-chroot',
          undo: ['kill $!; wait $!'],
        },
        {
          type: ["HELD={name} unshare --mount chroot {place}/root perl -e 'sleep 5000' &"],
          sees: 'old-root',
          undo: ['kill $!; wait $!'],
        },
        {
          type: [
            'HELD={name} LC_ALL=C unshare --mount --propagation private sh -c "' +
              'mount --bind {place}/root {place}/root; cd {place}/root; ' +
              "pivot_root . deeper; exec perl -e 'sleep 5000'\" &",
          ],
          sees: 'old-root',
          undo: ['kill $!; wait $!'],
        },
      ],
    },
  ],
  restore: async ({ words }) => {
    for (const mark of ['BOX', 'HELD']) await endMarked(mark, words['name'] ?? '');
    // Whoever tried it behind chroot alone has left the trace at the machine's own root.
    rmSync(join('/', words['trace'] ?? 'none'), { force: true });
  },
};
