/**
 * Chapter 01: which views are a process's own, and how a second one gets the same.
 *
 * A process that has exactly the drawn namespaces of its own; a host name that only they see; a
 * guest who joins them all.
 */
import { spawnSync } from 'node:child_process';
import { endMarked } from '../../../guide/put-back.ts';
import { done, hint, type Scene, type Seen, type Unit } from '../../../guide/unit.ts';
import { isThere, markedBy, noteOf } from '../../../sight/marked.ts';
import { sharesView, type View, viewOf } from '../../../sight/views.ts';

const candidates = ['ipc', 'net', 'mnt'] as const;
const flags = { uts: '--uts', ipc: '--ipc', net: '--net', mnt: '--mount' } as const;

const list = (text: string | undefined): readonly View[] => (text ?? '').split(' ') as View[];
const boxes = ({ words }: Scene) => markedBy('BOX', words['name'] ?? '');

function views(scene: Scene): Seen {
  const [own, shared] = [list(scene.words['own']), list(scene.words['shared'])];
  const all = boxes(scene);
  if (all.length === 0) return hint('nobody');
  const right = all.find(
    ({ pid }) =>
      own.every(view => !sharesView(pid, view)) && shared.every(view => sharesView(pid, view)),
  );
  if (right !== undefined) {
    scene.notes['box'] = noteOf(right);
    return done;
  }
  const [one] = all;
  const missing = own.filter(view => one && sharesView(one.pid, view));
  const extra = shared.filter(view => one && !sharesView(one.pid, view));
  if (missing.length > 0) return hint('too-few', { views: missing.join(' ') });
  return hint('too-many', { views: extra.join(' ') });
}

const pidOf = (note: string | undefined): number => Number((note ?? '').split('.')[0]);

function name({ words, notes }: Scene): Seen {
  if (!isThere(notes['box'])) return hint('ended');
  const shown = spawnSync('nsenter', ['-t', `${pidOf(notes['box'])}`, '--uts', 'hostname']);
  if (shown.stdout.toString().trim() !== words['host']) return hint('old-name');
  const outside = spawnSync('hostname').stdout.toString().trim();
  return outside === words['host'] ? hint('machine-renamed') : done;
}

function joined({ words, notes }: Scene): Seen {
  if (!isThere(notes['box'])) return hint('ended');
  const box = pidOf(notes['box']);
  const guests = markedBy('GUEST', words['name'] ?? '').filter(({ pid }) => pid !== box);
  if (guests.length === 0) return hint('no-guest');
  const own = list(words['own']);
  const apart = (pid: number): readonly View[] =>
    own.filter(view => viewOf(pid, view) !== viewOf(box, view));
  if (guests.some(({ pid }) => apart(pid).length === 0)) return done;
  return hint('half', { views: guests.flatMap(({ pid }) => apart(pid)).join(' ') });
}

export const whichViews: Unit = {
  id: '01-namespaces/which-views',
  needs: ['root', 'tool:unshare', 'tool:nsenter'],
  draw: draw => {
    const own = ['uts' as const, ...draw.some(candidates, 2)];
    const shared = ['pid', 'user', ...candidates.filter(view => !own.some(one => one === view))];
    const options = own.map(view => flags[view]).join(' ');
    const host = draw.name();
    return { name: draw.name(), host, own: own.join(' '), shared: shared.join(' '), options };
  },
  tasks: [
    {
      id: 'views',
      look: views,
      solve: ['BOX={name} unshare {options} sleep 4000 &'],
      wrong: [
        { type: ['BOX={name} sleep 4000 &'], sees: 'too-few', undo: ['kill %1; wait'] },
        {
          type: ['BOX={name} unshare --uts --ipc --net --mount sleep 4000 &'],
          sees: 'too-many',
          undo: ['kill %1; wait'],
        },
      ],
    },
    {
      id: 'name',
      look: name,
      solve: ['nsenter -t $(pgrep -xf "sleep 4000") --uts hostname {host}'],
      wrong: [{ type: ['unshare --uts hostname {host}'], sees: 'old-name' }],
    },
    {
      id: 'joined',
      look: joined,
      solve: ['GUEST={name} nsenter -t $(pgrep -xf "sleep 4000") {options} sleep 4001 &'],
      wrong: [
        {
          type: ['GUEST={name} nsenter -t $(pgrep -xf "sleep 4000") --uts sleep 4002 &'],
          sees: 'half',
          undo: ['kill $!; wait $!'],
        },
      ],
    },
  ],
  restore: async ({ words }) => {
    for (const mark of ['BOX', 'GUEST']) await endMarked(mark, words['name'] ?? '');
  },
};
