/**
 * Chapter 04: seven layers, what a change leaves in the uppermost, and a commit by hand.
 *
 * Five read-only layers, the init layer, and a writable one; then the writable one becomes a layer
 * of the next container.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { done, hint, type Scene, type Seen, type Unit } from '../../../guide/unit.ts';
import { isWhiteout, layersOf, mountAt } from '../../../sight/mounts.ts';

const image = ['base', 'lib', 'etc', 'app', 'var'] as const;
const folders = ['init', 'rw', 'work', 'rw2', 'work2', 'merged', 'merged2'] as const;

const layer = (place: string, name: string): string => join(place, name);

function prepare({ place, words }: Scene): void {
  for (const name of [...image, ...folders]) mkdirSync(layer(place, name), { recursive: true });
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), `${text}\n`);
  };
  for (const name of [...image, 'init']) put(`${name}/who`, name);
  put('init/etc/hosts', `127.0.0.1 ${words['name']}`);
  put(`${words['layer']}/etc/${words['file']}`, 'from the image');
  put(`${words['other']}/etc/${words['gone']}`, 'from the image');
}

/** What the uppermost but the writable one must be: its file says its name. */
const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8').trim() : '');

function union(scene: Scene): Seen {
  const mount = mountAt(join(scene.place, 'merged'));
  if (mount === undefined) return hint('no-mount');
  if (mount.type !== 'overlay') return hint('other-kind', { kind: mount.type });
  const names = layersOf(mount).map(path => basename(path));
  if (names.length !== 7) return hint('other-number', { number: `${names.length}` });
  if (names[0] !== 'rw') return hint('not-writable', { folder: names[0] ?? '' });
  const wanted = ['rw', 'init', ...image.toReversed()];
  const wrong = names.findIndex((name, index) => name !== wanted[index]);
  return wrong === -1 ? done : hint('order', { folder: names[wrong] ?? '' });
}

function changed({ place, words }: Scene): Seen {
  if (mountAt(join(place, 'merged')) === undefined) return hint('unmounted');
  const [file, word] = [words['file'] ?? '', words['word'] ?? ''];
  const below = read(join(place, words['layer'] ?? '', 'etc', file));
  if (below !== 'from the image') return hint('image-changed');
  if (!read(join(place, 'merged/etc', file)).includes(word)) return hint('unchanged');
  return read(join(place, 'rw/etc', file)).includes(word) ? done : hint('unchanged');
}

function removed({ place, words }: Scene): Seen {
  if (mountAt(join(place, 'merged')) === undefined) return hint('unmounted');
  const gone = words['gone'] ?? '';
  if (!existsSync(join(place, words['other'] ?? '', 'etc', gone))) return hint('image-lost');
  if (existsSync(join(place, 'merged/etc', gone))) return hint('still-there');
  return isWhiteout(join(place, 'rw/etc', gone)) ? done : hint('no-sign');
}

function committed({ place, words }: Scene): Seen {
  const mount = mountAt(join(place, 'merged2'));
  if (mount?.type !== 'overlay') return hint('no-second');
  const names = layersOf(mount).map(path => basename(path));
  if (!names.includes('rw')) return hint('without-change');
  if (names[0] !== 'rw2') return hint('shared', { folder: names[0] ?? '' });
  if (names.includes('init')) return hint('init-inside');
  const seen = read(join(place, 'merged2/etc', words['file'] ?? ''));
  if (!seen.includes(words['word'] ?? '')) return hint('hidden');
  return existsSync(join(place, 'merged2/etc', words['gone'] ?? '')) ? hint('hidden') : done;
}

const five = 'var:app:etc:lib:base';
const options = (lower: string, rw: string, work: string): string =>
  `cd {place}; mount -t overlay box -o lowerdir=${lower},upperdir=${rw},workdir=${work} `;

export const sevenLayers: Unit = {
  id: '04-unionfs/seven-layers',
  needs: ['root', 'overlay'],
  draw: draw => {
    const [layerName = 'etc', other = 'var'] = draw.some(image, 2);
    const [file = 'motd', gone = 'issue'] = draw.some(['motd', 'issue', 'shells', 'networks'], 2);
    const word = `changed-${draw.between(100, 999)}`;
    return { name: draw.name(), layer: layerName, other, file, gone, word };
  },
  init: prepare,
  tasks: [
    {
      id: 'union',
      look: union,
      solve: [`${options(`init:${five}`, 'rw', 'work')} merged; cd -`],
      wrong: [
        {
          type: [`${options(five, 'rw', 'work')} merged; cd -`],
          sees: 'other-number',
          undo: ['umount {place}/merged'],
        },
        {
          type: [`${options('base:lib:etc:app:var:init', 'rw', 'work')} merged; cd -`],
          sees: 'order',
          undo: ['umount {place}/merged'],
        },
      ],
    },
    {
      id: 'changed',
      look: changed,
      solve: ['echo {word} > {place}/merged/etc/{file}'],
      wrong: [
        {
          type: ['echo {word} > {place}/{layer}/etc/{file}'],
          sees: 'image-changed',
          undo: ['echo from the image > {place}/{layer}/etc/{file}'],
        },
      ],
    },
    { id: 'removed', look: removed, solve: ['rm {place}/merged/etc/{gone}; ls -l {place}/rw/etc'] },
    {
      id: 'committed',
      look: committed,
      solve: ['umount {place}/merged', `${options(`rw:${five}`, 'rw2', 'work2')} merged2; cd -`],
      wrong: [
        {
          type: ['umount {place}/merged', `${options(five, 'rw2', 'work2')} merged2; cd -`],
          sees: 'without-change',
          undo: ['umount {place}/merged2'],
        },
      ],
    },
  ],
  restore: () => undefined,
};
