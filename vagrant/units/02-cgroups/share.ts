/**
 * A processor's share by hand, in the two versions: what is the same in both units.
 *
 * - shareUnit(version)   a loop, a group with a limit, the loop in it, and all of it gone again
 *
 * The versions differ in how a limit is written and in which file takes a pid; the rest is one.
 */
import { existsSync } from 'node:fs';
import { endMarked, removeGroup } from '../../guide/put-back.ts';
import { done, hint, type Scene, type Seen, type Task, type Unit } from '../../guide/unit.ts';
import { groupOf, processesIn, whereElse } from '../../sight/groups.ts';
import { fileOf, isThere, markedBy, noteOf } from '../../sight/marked.ts';

export interface Version {
  readonly id: string;
  readonly needs: Unit['needs'];
  /** The quota and the period in µs, as the group says; undefined when it has no such file. */
  readonly limit: (group: string) => readonly [quota: number, period: number] | undefined;
  readonly tree: string;
  readonly setLimit: (percent: string) => readonly string[];
  readonly enter: string;
}

const loops = ({ words }: Scene) => markedBy('BOX', words['name'] ?? '');
const group = ({ words }: Scene): string => groupOf('cpu', words['group'] ?? '');

function loop(scene: Scene): Seen {
  const all = loops(scene);
  if (all.length === 0) return hint('nobody');
  const busy = all.find(one => ticksOf(one.pid) > 30);
  if (busy === undefined) return hint('asleep');
  scene.notes['loop'] = noteOf(busy);
  return done;
}

/** Its processor time, in hundredths of a second: who only starts and sleeps has next to none. */
function ticksOf(pid: number): number {
  const fields = fileOf(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11] ?? 0);
}

function limited(scene: Scene, version: Version): Seen {
  const path = group(scene);
  if (!existsSync(path)) {
    const [other] = whereElse('cpu', scene.words['group'] ?? '');
    return other === undefined ? hint('no-group') : hint('other-tree', { path: other });
  }
  const limit = version.limit(path);
  if (limit === undefined) return hint('no-file');
  const [quota, period] = limit;
  if (quota < 0) return hint('unlimited');
  const percent = Math.round((quota / period) * 100);
  if (String(percent) === scene.words['percent']) return done;
  return hint('other-share', { now: `${percent}` });
}

function inside(scene: Scene, version: Version): Seen {
  const still = limited(scene, version);
  if (!still.done) return hint('limit-gone');
  const running = loops(scene).filter(one => isThere(noteOf(one)));
  if (running.length === 0) return hint('ended');
  const members = processesIn(group(scene));
  const entered = running.find(({ pid }) => members.includes(pid));
  if (entered === undefined) return hint(members.length > 0 ? 'somebody-else' : 'outside');
  scene.notes['inside'] = noteOf(entered);
  return done;
}

function away(scene: Scene): Seen {
  const [running, there] = [isThere(scene.notes['inside']), existsSync(group(scene))];
  if (running) return hint(there ? 'busy' : 'moved');
  return there ? hint('empty') : done;
}

function tasks(version: Version): readonly Task[] {
  const folder = `${version.tree}/{group}`;
  const start = `env BOX={name} bash -c 'while :; do :; done' &`;
  return [
    {
      id: 'loop',
      look: loop,
      solve: [start],
      wrong: [{ type: ['BOX={name} sleep 1000 &'], sees: 'asleep', undo: ['kill $!; wait $!'] }],
    },
    {
      id: 'limit',
      look: scene => limited(scene, version),
      solve: [`mkdir -p ${folder}`, ...version.setLimit('{quota}')],
      wrong: [
        { type: [`mkdir ${folder}`], sees: 'unlimited' },
        { type: version.setLimit('{wrongQuota}'), sees: 'other-share' },
      ],
    },
    {
      id: 'inside',
      look: scene => inside(scene, version),
      solve: [
        'for p in $(pgrep -f "^bash -c while :"); do',
        `grep -qz BOX={name} /proc/$p/environ && echo $p > ${folder}/${version.enter}; done`,
      ],
      wrong: [
        {
          type: ['sleep 1001 &', `echo $! > ${folder}/${version.enter}`],
          sees: 'somebody-else',
          undo: ['kill $!; wait $!'],
        },
      ],
    },
    {
      id: 'away',
      look: away,
      solve: [`kill -9 $(cat ${folder}/cgroup.procs); sleep 0.3`, `rmdir ${folder}`],
      wrong: [{ type: [`rmdir ${folder}`], sees: 'busy' }],
    },
  ];
}

export function shareUnit(version: Version): Unit {
  return {
    id: version.id,
    needs: version.needs,
    draw: draw => {
      const percent = draw.pick([15, 20, 25, 30, 40]);
      const quota = { quota: `${percent * 1000}`, wrongQuota: `${(percent + 5) * 1000}` };
      return { name: draw.name(), group: draw.name(), percent: `${percent}`, ...quota };
    },
    tasks: tasks(version),
    restore: async scene => {
      await endMarked('BOX', scene.words['name'] ?? '');
      await removeGroup(group(scene));
    },
  };
}
