/**
 * Chapter 02: out of memory on purpose, and who was killed.
 *
 * A group with a limit, a small process in it, then a hungry one: the kernel kills one of them, and
 * counts it.
 */
import { existsSync } from 'node:fs';
import { endMarked, removeGroup } from '../../../guide/put-back.ts';
import { done, hint, type Scene, type Seen, type Unit } from '../../../guide/unit.ts';
import { groupFile, groupOf, processesIn, worldOf } from '../../../sight/groups.ts';
import { isThere, markedBy, noteOf } from '../../../sight/marked.ts';

const group = ({ words }: Scene): string => groupOf('memory', words['group'] ?? '');

/** The limit in bytes; a number beyond any machine where there is none. */
function limitOf(path: string): number | undefined {
  const text = groupFile(path, 'memory.max') ?? groupFile(path, 'memory.limit_in_bytes');
  if (text === undefined) return undefined;
  return text === 'max' ? Number.MAX_SAFE_INTEGER : Number(text);
}

/** How many processes of the group the kernel has killed for want of memory. */
function killsIn(path: string): number {
  const text = groupFile(path, 'memory.events') ?? groupFile(path, 'memory.oom_control') ?? '';
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

function limited(scene: Scene): Seen {
  if (!existsSync(group(scene))) return hint('no-group');
  const limit = limitOf(group(scene));
  if (limit === undefined) return hint('no-file');
  const mib = limit / 1024 ** 2;
  if (mib > 1024 ** 2) return hint('unlimited');
  if (String(mib) === scene.words['mib']) return done;
  return hint('other-limit', { now: `${Math.round(mib)}` });
}

function guest(scene: Scene): Seen {
  const small = markedBy('BOX', scene.words['name'] ?? '');
  if (small.length === 0) return hint('nobody');
  const members = processesIn(group(scene));
  const inside = small.find(({ pid }) => members.includes(pid));
  if (inside === undefined) return hint('outside');
  scene.notes['guest'] = noteOf(inside);
  return done;
}

function killed(scene: Scene): Seen {
  const kills = killsIn(group(scene));
  if (!isThere(scene.notes['guest'])) return hint(kills > 0 ? 'guest-killed' : 'guest-ended');
  return kills > 0 ? done : hint('nobody-killed');
}

function away(scene: Scene): Seen {
  if (!existsSync(group(scene))) return isThere(scene.notes['guest']) ? hint('guest-left') : done;
  return hint(processesIn(group(scene)).length > 0 ? 'busy' : 'empty');
}

const folder = '{tree1}/{group}';
const hungry = `bash -c 'echo $$ > ${folder}/cgroup.procs; exec tail /dev/zero'`;

export const outOfMemory: Unit = {
  id: '02-cgroups/out-of-memory',
  needs: ['root', 'cgroup:memory'],
  draw: draw => {
    const file = worldOf('memory') === 'v2' ? 'memory.max' : 'memory.limit_in_bytes';
    const mib = draw.between(20, 48);
    const bytes = `${mib * 1024 ** 2}`;
    const drawn = { name: draw.name(), group: draw.name(), mib: `${mib}` };
    return { ...drawn, bytes, file, tree1: groupOf('memory', '') };
  },
  tasks: [
    {
      id: 'limit',
      look: limited,
      solve: [`mkdir -p ${folder}`, `echo {bytes} > ${folder}/{file}`],
      wrong: [
        { type: [`mkdir ${folder}`], sees: 'unlimited' },
        { type: [`echo 64M > ${folder}/{file}`], sees: 'other-limit' },
      ],
    },
    {
      id: 'guest',
      look: guest,
      solve: [`BOX={name} sleep 4100 &`, `echo $! > ${folder}/cgroup.procs`],
      wrong: [{ type: ['BOX={name} sleep 4101 &'], sees: 'outside', undo: ['kill $!; wait $!'] }],
    },
    {
      id: 'killed',
      look: killed,
      solve: [hungry],
      wrong: [
        { type: [`bash -c 'echo $$ > ${folder}/cgroup.procs'`], sees: 'nobody-killed' },
        { type: ["bash -c 'kill -9 $$'"], sees: 'nobody-killed' },
      ],
    },
    {
      id: 'away',
      look: away,
      solve: [`kill -9 $(cat ${folder}/cgroup.procs); sleep 0.3`, `rmdir ${folder}`],
      wrong: [{ type: [`rmdir ${folder}`], sees: 'busy' }],
    },
  ],
  restore: async scene => {
    await endMarked('BOX', scene.words['name'] ?? '');
    await removeGroup(group(scene));
  },
};
