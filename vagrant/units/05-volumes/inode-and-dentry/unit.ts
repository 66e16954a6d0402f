/**
 * Chapter 05: what a mount replaces: the inode behind a name, before and after `umount`.
 */
import { existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, hint, type Scene, type Seen, type Unit } from '../../../guide/unit.ts';
import { mountAt } from '../../../sight/mounts.ts';
import { inodeOf } from '../../../sight/views.ts';

function prepare({ place, words, notes }: Scene): void {
  for (const folder of ['home', 'test']) mkdirSync(join(place, folder));
  writeFileSync(join(place, 'home', words['shown'] ?? ''), 'in home\n');
  writeFileSync(join(place, 'test', words['hidden'] ?? ''), 'in test\n');
  notes['home'] = inodeOf(join(place, 'home')) ?? '';
  notes['test'] = inodeOf(join(place, 'test')) ?? '';
}

const covering = ({ place }: Scene): boolean => mountAt(join(place, 'test')) !== undefined;

function covered(scene: Scene): Seen {
  const { place, notes } = scene;
  const test = join(place, 'test');
  if (!existsSync(test)) return hint('no-folder');
  if (lstatSync(test).isSymbolicLink()) return hint('link');
  if (inodeOf(test) === notes['test']) return hint(covering(scene) ? 'own-mount' : 'same');
  if (!covering(scene)) return hint('replaced');
  return inodeOf(test) === notes['home'] ? done : hint('other-mount');
}

function written(scene: Scene): Seen {
  const { place, words } = scene;
  if (!covering(scene)) return hint('uncovered');
  return existsSync(join(place, 'test', words['fresh'] ?? '')) ? done : hint('not-written');
}

/** The old folder, reached beneath the mount by a second mount of what lies around it. */
function beneath(scene: Scene): Seen {
  const { place, words, notes } = scene;
  if (!covering(scene)) return hint('uncovered');
  const window = join(place, 'window/test');
  if (!existsSync(join(place, 'window'))) return hint('no-window');
  if (mountAt(join(place, 'window')) === undefined) return hint('window-empty');
  if (inodeOf(window) !== notes['test']) return hint('window-covered');
  return existsSync(join(window, words['deep'] ?? '')) ? done : hint('not-beneath');
}

function uncovered(scene: Scene): Seen {
  const { place, words, notes } = scene;
  if (covering(scene) || mountAt(join(place, 'window')) !== undefined) return hint('still-mounted');
  if (inodeOf(join(place, 'test')) !== notes['test']) return hint('replaced');
  const found = [`test/${words['hidden']}`, `test/${words['deep']}`, `home/${words['fresh']}`];
  const lost = found.filter(path => !existsSync(join(place, path)));
  return lost.length === 0 ? done : hint('lost', { files: lost.join(' ') });
}

export const inodeAndDentry: Unit = {
  id: '05-volumes/inode-and-dentry',
  needs: ['root'],
  draw: draw => {
    const file = (word: string): string => `${word}-${draw.between(10, 99)}`;
    return { shown: file('new'), hidden: file('old'), fresh: file('fresh'), deep: file('deep') };
  },
  init: prepare,
  tasks: [
    {
      id: 'covered',
      look: covered,
      solve: ['mount --bind {place}/home {place}/test; stat -c %i {place}/home {place}/test'],
      wrong: [
        {
          type: ['mv {place}/test {place}/away; ln -s home {place}/test'],
          sees: 'link',
          undo: ['rm {place}/test; mv {place}/away {place}/test'],
        },
        {
          type: ['mount --bind {place}/test {place}/test'],
          sees: 'own-mount',
          undo: ['umount {place}/test'],
        },
        {
          type: ['mount -t tmpfs none {place}/test'],
          sees: 'other-mount',
          undo: ['umount {place}/test'],
        },
      ],
    },
    { id: 'written', look: written, solve: ['touch {place}/test/{fresh}'] },
    {
      id: 'beneath',
      look: beneath,
      solve: [
        'mkdir {place}/window; mount --bind {place} {place}/window',
        'touch {place}/window/test/{deep}',
      ],
      wrong: [
        {
          type: ['touch {place}/test/{deep}'],
          sees: 'no-window',
          undo: ['rm {place}/test/{deep}'],
        },
        {
          type: ['mkdir -p {place}/window; mount --rbind {place} {place}/window'],
          sees: 'window-covered',
          // Of what is shared, umount -R takes the original away as well.
          undo: [
            'mount --make-rprivate {place}/window; umount -R {place}/window; rmdir {place}/window',
          ],
        },
      ],
    },
    {
      id: 'uncovered',
      look: uncovered,
      solve: ['umount {place}/window {place}/test; ls {place}/home {place}/test'],
    },
  ],
  restore: () => undefined,
};
