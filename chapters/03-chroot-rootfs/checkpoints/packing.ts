// Checkpoints about where a root comes from: packed programs, and archives.
// A packed program is tried with chroot(8): nothing of the subject is in the way.
//

import { spawnSync } from 'node:child_process';
import { scratchFolder } from '@slipway/lab';
import {
  runSubject,
  unless,
  type Checkpoint,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { busyboxTree } from '../root/busybox-rootfs.ts';
import { findProgram } from '../packing/find-program.ts';
import { writeTar } from '../files/tree.ts';

export const packingCheckpoints: readonly Checkpoint[] = [
  {
    id: 'packed',
    sentence: 'a packed program runs in a root that holds nothing else',
    needs: ['root', 'tool:ls', 'tool:chroot'],
    examine: packed,
  },
  {
    id: 'archive',
    sentence: 'an archive is a root as well as a folder is',
    needs: ['root', 'tool:busybox'],
    examine: archive,
  },
];

async function packed(subject: Subject): Promise<void> {
  await using folder = scratchFolder();
  const [root, ls] = [`${folder.path}/root`, findProgram('ls')];
  const result = await runSubject(subject, ['pack', root, ls]);
  unless(
    result.status === 0,
    'not-packed',
    `pack ended with ${result.status}: ${result.stderr.trim()}`,
  );
  const { stderr } = spawnSync('chroot', [root, ls, '/'], { encoding: 'utf8' });
  const library = /error while loading shared libraries: ([^:]+):/.exec(stderr)?.[1];
  unless(
    library === undefined,
    'library-missing',
    `in the root, ls asks for ${library} and does not find it\n` +
      'a library is an ELF file with needs of its own: follow them to the end.',
  );
  unless(
    !/No such file or directory/.test(stderr),
    'loader-missing',
    '"No such file or directory", although ls is in the root\n' +
      'the missing file is another: the loader, which the kernel starts in its ' +
      'place. ' +
      'readelf -l shows it as INTERP; in the list of ldd it is the line without an ' +
      'arrow.',
  );
  unless(stderr === '', 'does-not-run', `ls in the root says: ${stderr.trim()}`);
}

async function archive(subject: Subject): Promise<void> {
  await using folder = scratchFolder();
  const marker = { type: 'folder', path: 'from-the-archive', mode: 0o755 } as const;
  const tar = `${folder.path}/root.tar`;
  await writeTar([...busyboxTree(), marker], tar);
  const words = ['--rootfs', tar, '--', 'busybox', 'ls', '/'];
  const { stdout, stderr, status } = await runSubject(subject, words);
  unless(
    stdout.includes(marker.path),
    'archive-unreadable',
    `--rootfs root.tar ended with ${status}, and ls / did not show what is in the ` +
      `archive\nwhat it said: ${stderr.trim() || stdout.trim() || 'nothing'}`,
  );
}
