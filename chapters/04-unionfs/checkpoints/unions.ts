// Checkpoints about what a container sees: the layers of its image, one over the other.
// They ask a shell inside; the images are made by hand, in images.ts.
// Source: OCI image specification, layer.md.

import { spawnSync } from 'node:child_process';
import { unless, type Checkpoint, type Subject } from '@slipway/lab/checkpoint.ts';
import { baseLayer, folder, prepare, type LayerFile } from './images.ts';

const needs = ['root', 'native', 'overlay', 'tool:busybox', 'tool:getfattr'] as const;

export const unionCheckpoints: readonly Checkpoint[] = [
  {
    id: 'union',
    sentence: 'an image is its layers, one over the other, and the highest wins',
    needs,
    examine: union,
  },
  {
    id: 'whiteouts',
    sentence: 'a layer hides files and folders of those below it',
    needs,
    examine: whiteouts,
  },
  {
    id: 'chain',
    sentence: 'the same layer on another base is another stack',
    needs,
    examine: chain,
  },
  {
    id: 'attributes',
    sentence: 'a file has the mode, owner, time and capabilities of its archive',
    needs,
    examine: attributes,
  },
];

async function union(subject: Subject): Promise<void> {
  await using place = prepare();
  const [low, high]: readonly LayerFile[][] = [
    [
      { name: 'same', text: 'low' },
      { name: 'only-low', text: '1' },
    ],
    [
      { name: 'same', text: 'high' },
      { name: 'only-high', text: '2' },
    ],
  ];
  const image = place.image('union', baseLayer(), low ?? [], high ?? []);
  const seen = await place.ask(subject, image, 'cat /same /only-low /only-high');
  unless(
    !seen.startsWith('low'),
    'bottom-wins',
    'two layers hold a file of one name; the container sees that of the lower one\n' +
      'overlayfs wants its lower folders from the highest to the lowest; the image ' +
      'lists its layers the other way round.',
  );
  unless(
    seen === 'high12',
    'not-a-union',
    `three layers should show high, 1 and 2; the container shows ${seen || 'nothing'}`,
  );
}

async function whiteouts(subject: Subject): Promise<void> {
  await using place = prepare();
  const low: readonly LayerFile[] = [
    { name: 'secret', text: 'x' },
    folder('var/cache'),
    { name: 'var/cache/old', text: 'x' },
  ];
  const high: readonly LayerFile[] = [
    { name: '.wh.secret' },
    folder('var/cache'),
    { name: 'var/cache/.wh..wh..opq' },
    { name: 'var/cache/new', text: 'x' },
  ];
  const image = place.image('whiteouts', baseLayer(), low, high);
  const top = (await place.ask(subject, image, 'ls -a /')).split(/\s+/);
  unless(
    !top.includes('.wh.secret') && !top.includes('secret'),
    'whiteout-shows',
    `a layer holds .wh.secret, and the container’s / shows ${top.join(' ')}\n` +
      'in an archive an empty file of that name means: secret is hidden. What your ' +
      'union understands is another sign; overlayfs has a device 0:0.',
  );
  const cache = (await place.ask(subject, image, 'ls -a /var/cache')).split(/\s+/);
  unless(
    !cache.includes('old'),
    'opaque-shows',
    'a layer has made var/cache anew (.wh..wh..opq); the old content is still there\n' +
      'overlayfs calls such a folder opaque and marks it by an extended attribute.',
  );
  unless(
    cache.includes('new'),
    'opaque-hides-own',
    'an opaque folder hides what is below it, not what its own layer has in it',
  );
}

/** B on A, and the same B on C. */
async function chain(subject: Subject): Promise<void> {
  await using place = prepare();
  const [a, c]: readonly LayerFile[][] = [
    [...baseLayer(), { name: 'base', text: 'A' }],
    [...baseLayer(), { name: 'base', text: 'C' }],
  ];
  const b = [{ name: 'same', text: 'B' }];
  const first = await place.ask(
    subject,
    place.image('a', a ?? [], b),
    'cat /base /same',
  );
  const second = await place.ask(
    subject,
    place.image('c', c ?? [], b),
    'cat /base /same',
  );
  unless(
    second !== 'AB',
    'wrong-parent',
    'two images have the same upper layer on different bases, and the second one ' +
      'shows the base of the first\n' +
      'a diff id names a layer alone. What is stored lies on something: it is named ' +
      'by all that is below it, too (the chain id).',
  );
  unless(
    first === 'AB' && second === 'CB',
    'wrong-stack',
    `the two images should show AB and CB; they show ${first} and ${second}`,
  );
}

async function attributes(subject: Subject): Promise<void> {
  await using place = prepare();
  const layer: readonly LayerFile[] = [
    { name: 'owned', mode: 0o4750, uid: 12, gid: 34, text: 'x' },
    { name: 'noted', text: 'x', xattrs: new Map([['user.note', Buffer.from('kept')]]) },
  ];
  const image = place.image('attributes', baseLayer(), layer);
  const seen = await place.ask(subject, image, 'stat -c "%a %u:%g %Y" /owned');
  const [mode, owner, time] = seen.trim().split(' ');
  unless(
    mode === '4750' || owner !== '12:34',
    'mode-lost',
    `a set-uid file of mode 4750 has ${mode} in the container\n` +
      'chown takes the set-uid bit away: the owner comes first, then the mode.',
  );
  unless(
    owner === '12:34',
    'owner-lost',
    `the archive gives a file to 12:34, in the container it belongs to ${owner}\n` +
      'root unpacks, and what root makes is root’s until it is given away.',
  );
  unless(
    time === '1600000000',
    'time-lost',
    `a file of 2020 is of ${time} in the container\n` +
      'the time comes last: everything that is done to a file changes it.',
  );
  unless(
    hasNote(place.root),
    'xattrs-lost',
    'an extended attribute of the archive is not on the file\n' +
      'capabilities are such attributes: without them ping would not work.',
  );
}

/** Of some file on the disk, as `getfattr` reads it. */
function hasNote(root: string): boolean {
  const words = ['-R', '-d', '--absolute-names', root];
  const { stdout } = spawnSync('getfattr', words, { encoding: 'utf8' });
  return stdout.includes('user.note="kept"');
}
