/**
 * Chapter 01: `ps` shows two processes, and one of them is number 1.
 *
 * A shell with process numbers of its own; then with a /proc of its own; then it ends, by a signal
 * that process 1 cannot leave undelivered.
 */
import { readdirSync } from 'node:fs';
import { commandOf, isThere, markedBy, noteOf, numbersOf } from '../../../sight/marked.ts';
import { inodeOf, sharesView, viewOf } from '../../../sight/views.ts';
import { endMarked } from '../../../guide/put-back.ts';
import { done, hint, type Scene, type Seen, type Unit } from '../../../guide/unit.ts';

const shells = ({ words }: Scene) =>
  markedBy('BOX', words['name'] ?? '').filter(({ pid }) => {
    const [program = '', applet] = commandOf(pid);
    return program.endsWith('busybox') && (applet === 'sh' || applet === 'ash');
  });

function first(scene: Scene): Seen {
  const all = shells(scene);
  if (all.length === 0) return hint('nobody');
  const one = all.find(({ pid }) => numbersOf(pid).length > 1 && numbersOf(pid).at(-1) === 1);
  if (one === undefined) {
    const half = all.some(({ pid }) => viewOf(pid, 'pid') !== viewOf(pid, 'pid_for_children'));
    return hint(half ? 'no-fork' : 'no-namespace');
  }
  scene.notes['shell'] = noteOf(one);
  return done;
}

function ownWindow(scene: Scene): Seen {
  const own = shells(scene).filter(({ pid }) => numbersOf(pid).at(-1) === 1 && !shared(pid));
  if (own.length === 0) return first(scene).done ? hint('ended') : first(scene);
  const seen = own.find(({ pid }) => inodeOf(`/proc/${pid}/root/proc`) !== inodeOf('/proc'));
  if (seen === undefined) {
    return hint(own.some(({ pid }) => sharesView(pid, 'mnt')) ? 'shared-mounts' : 'old-window');
  }
  const count = numberedFolders(`/proc/${seen.pid}/root/proc`);
  if (count === 0) return hint('old-window');
  scene.notes['shell'] = noteOf(seen);
  return done;
}

const shared = (pid: number): boolean => sharesView(pid, 'pid');

function numberedFolders(folder: string): number {
  try {
    return readdirSync(folder).filter(name => /^\d+$/.test(name)).length;
  } catch {
    return 0;
  }
}

export const twoProcesses: Unit = {
  id: '01-namespaces/two-processes',
  needs: ['root', 'tool:busybox', 'tool:unshare'],
  draw: draw => ({ name: draw.name() }),
  tasks: [
    {
      id: 'first',
      look: first,
      solve: ['BOX={name} unshare --pid --fork busybox sh'],
      wrong: [
        { type: ['BOX={name} busybox sh'], sees: 'no-namespace', undo: ['exit'] },
        { type: ['BOX={name} unshare --pid busybox sh'], sees: 'no-fork', undo: ['exit'] },
      ],
    },
    {
      id: 'window',
      look: ownWindow,
      solve: ['exit', 'BOX={name} unshare --pid --fork --mount-proc busybox sh', 'ps'],
      wrong: [
        {
          type: ['exit', 'BOX={name} unshare --pid --fork --mount busybox sh'],
          sees: 'old-window',
        },
      ],
    },
    {
      id: 'gone',
      look: ({ notes }) => (isThere(notes['shell']) ? hint('still-there') : done),
      solve: ['kill -9 $$', 'exit'],
      wrong: [{ type: ['kill -TERM $$'], sees: 'still-there' }],
    },
  ],
  restore: ({ words }) => endMarked('BOX', words['name'] ?? ''),
};
