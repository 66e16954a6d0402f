/**
 * Chapter 05: a folder of the machine in a container, and a mount that nobody outside sees.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mountsBelow, readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import { endMarked } from '../../../guide/put-back.ts';
import { done, hint, type Scene, type Seen, type Unit } from '../../../guide/unit.ts';
import { isThere, markedBy, noteOf } from '../../../sight/marked.ts';
import { inodeOf, sharesView } from '../../../sight/views.ts';

function prepare({ place, words }: Scene): void {
  for (const folder of ['home', 'root/bin', 'root/test']) {
    mkdirSync(join(place, folder), { recursive: true });
  }
  writeFileSync(join(place, 'home/letter'), `from the machine, ${words['name']}\n`);
  const busybox = spawnSync('sh', ['-c', 'command -v busybox']).stdout.toString().trim();
  copyFileSync(busybox, join(place, 'root/bin/busybox'));
}

function inside(scene: Scene): Seen {
  const { place, words, notes } = scene;
  const all = markedBy('BOX', words['name'] ?? '');
  if (all.length === 0) return hint('nobody');
  if (mountsBelow(readMountinfo(), place).length > 0) return hint('seen-outside');
  const away = all.filter(({ pid }) => !sharesView(pid, 'mnt'));
  if (away.length === 0) return hint('same-table');
  const rooted = away.filter(({ pid }) => inodeOf(`/proc/${pid}/root`) !== inodeOf('/'));
  if (rooted.length === 0) return hint('same-root');
  const letters = rooted.map(one => ({ one, path: `/proc/${one.pid}/root/test/letter` }));
  const letter = letters.find(({ path }) => inodeOf(path) === inodeOf(join(place, 'home/letter')));
  if (letter === undefined) {
    return hint(letters.some(({ path }) => existsSync(path)) ? 'copied' : 'no-volume');
  }
  notes['box'] = noteOf(letter.one);
  return done;
}

function answer(scene: Scene): Seen {
  const { place, words, notes } = scene;
  if (!isThere(notes['box'])) return hint('ended');
  const file = join(place, 'home/answer');
  if (!existsSync(file)) return hint('no-answer');
  const right = readFileSync(file, 'utf8').includes(words['word'] ?? '');
  return right ? done : hint('other-words');
}

function after({ place, notes }: Scene): Seen {
  if (isThere(notes['box'])) return hint('still-running');
  return existsSync(join(place, 'home/letter')) ? done : hint('lost');
}

const start = (then: string): string =>
  `BOX={name} unshare --mount --propagation private sh -c "${then}` +
  'exec chroot {place}/root /bin/busybox sleep 6000" &';

export const unseenMount: Unit = {
  id: '05-volumes/unseen-mount',
  needs: ['root', 'tool:busybox', 'tool:unshare'],
  draw: draw => ({ name: draw.name(), word: `answer-${draw.between(100, 999)}` }),
  init: prepare,
  tasks: [
    {
      id: 'inside',
      look: inside,
      solve: [start('mount --bind {place}/home {place}/root/test; ')],
      wrong: [
        { type: [start('')], sees: 'no-volume', undo: ['kill $!; wait $!'] },
        {
          type: [start('cp {place}/home/letter {place}/root/test; ')],
          sees: 'copied',
          undo: ['kill $!; wait $!; rm {place}/root/test/letter'],
        },
        {
          type: ['mount --bind {place}/home {place}/root/test', start('')],
          sees: 'seen-outside',
          undo: ['kill $!; wait $!; umount {place}/root/test'],
        },
      ],
    },
    {
      id: 'answer',
      look: answer,
      solve: ['echo {word} > /proc/$(pgrep -xf "/bin/busybox sleep 6000")/root/test/answer'],
      wrong: [{ type: ['echo hello > {place}/home/answer'], sees: 'other-words' }],
    },
    { id: 'after', look: after, solve: ['kill -9 $(pgrep -xf "/bin/busybox sleep 6000")'] },
  ],
  restore: ({ words }) => endMarked('BOX', words['name'] ?? ''),
};
