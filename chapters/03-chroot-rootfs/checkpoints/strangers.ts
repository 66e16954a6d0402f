// Checkpoints about roots that a stranger has made: links where folders should be.
//
// Refused or contained are both right; what counts is a canary outside of the root.

import { createWriteStream, rmSync, symlinkSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import {
  runSubject,
  unless,
  type Checkpoint,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { pack } from 'tar-stream';
import { prepare } from './prepared.ts';

export const strangerCheckpoints: readonly Checkpoint[] = [
  {
    id: 'hostile-root',
    sentence: 'a link in the root leads nothing that is mounted or made out of it',
    needs: ['root', 'tool:busybox'],
    examine: hostileRoot,
  },
  {
    id: 'hostile-archive',
    sentence: 'an archive writes nothing outside of where it is unpacked',
    needs: ['root', 'tool:busybox'],
    examine: hostileArchive,
  },
];

async function hostileRoot(subject: Subject): Promise<void> {
  for (const name of ['dev', 'proc', 'sys']) {
    await using place = prepare();
    rmSync(`${place.root}/${name}`, { recursive: true });
    symlinkSync(place.canary, `${place.root}/${name}`);
    await runSubject(subject, [
      '--pid',
      '--rootfs',
      place.root,
      '--',
      'busybox',
      'true',
    ]);
    unless(
      place.canaryIsAlive(),
      'followed-link',
      `/${name} in the root is a link to a folder outside, and that folder has ` +
        `changed\n` +
        'a path in a root belongs to whoever made the root. Resolve it inside ' +
        '(openat2, RESOLVE_IN_ROOT), and use what was opened, not the path.',
    );
  }
}

async function hostileArchive(subject: Subject): Promise<void> {
  await using place = prepare();
  const tar = `${place.path}/hostile.tar`;
  const archive = pack();
  archive.entry({ name: 'door', type: 'symlink', linkname: place.canary });
  archive.entry({ name: 'door/bird' }, 'dead');
  archive.finalize();
  await pipeline(archive, createWriteStream(tar));
  await runSubject(subject, ['--rootfs', tar, '--', 'busybox', 'true']);
  unless(
    place.canaryIsAlive(),
    'followed-archive-link',
    'the archive has written over a file outside of its folder\n' +
      'first it made the link door, then the file door/bird. Each name of a path ' +
      'must ' +
      'be opened without following: O_NOFOLLOW, from the folder before it.',
  );
}
