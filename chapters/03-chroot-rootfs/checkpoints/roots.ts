// Checkpoints about the root itself: whose files, whether there is a way back, who
// else gets in, and what --read-only means.
// Sources: pivot_root(2), chroot(2), proc_pid_mountinfo(5).

import { existsSync } from 'node:fs';
import {
  runSubject,
  unless,
  type Checkpoint,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import { prepare, startRooted } from './prepared.ts';

export const rootCheckpoints: readonly Checkpoint[] = [
  {
    id: 'own-root',
    sentence: 'the application sees the files of its root and none of the host',
    needs: ['root', 'tool:busybox'],
    examine: ownRoot,
  },
  {
    id: 'no-way-back',
    sentence: 'not even root finds a way back to the files of the host',
    needs: ['root', 'tool:busybox', 'tool:perl'],
    examine: noWayBack,
  },
  {
    id: 'read-only',
    sentence: '--read-only freezes the root and nothing that is mounted in it',
    needs: ['root', 'tool:busybox'],
    examine: readOnly,
  },
  {
    id: 'enter-root',
    sentence: 'who enters a container sees its root',
    needs: ['root', 'tool:busybox'],
    examine: enterRoot,
  },
];

async function ownRoot(subject: Subject): Promise<void> {
  await using place = prepare();
  await using running = await startRooted(subject, place, ['--pid']);
  const inside = `/proc/${running.application}/root`;
  unless(
    !existsSync(`${inside}${place.root}`),
    'host-root',
    `the application sees ${place.root}, a path of the host\n` +
      'a mount namespace alone changes nothing: it is a copy of the table. The new ' +
      "root must take the old one's place: pivot_root.",
  );
  unless(
    existsSync(`${inside}/${place.marker}`),
    'other-root',
    `/${place.marker} of the root that was asked for is not there\n` +
      `look at ${inside} from the host: which folder is that?`,
  );
  const roots = readMountinfo(running.application).filter(
    ({ mountPoint }) => mountPoint === '/',
  );
  unless(
    roots.length === 1,
    'old-root-left',
    `${roots.length} mounts lie on / in the container: the old root is still there\n` +
      'pivot_root moves the old root, it does not remove it: umount2(MNT_DETACH).',
  );
}

/** chroot(2) moves the root and not the working directory: the classic way out. */
const escape = [
  'chroot "/proc" or die "chroot: $!";',
  'chdir ".." for 1 .. 64; chroot ".";',
  'print -e $ARGV[0] ? "outside" : "inside";',
].join(' ');

async function noWayBack(subject: Subject): Promise<void> {
  await using place = prepare(['perl']);
  const words = ['perl', '-e', escape, `${place.canary}/bird`];
  const options = ['--pid', '--rootfs', place.root, '--'];
  const { stdout, stderr, status } = await runSubject(subject, [...options, ...words]);
  unless(
    status === 0,
    'no-answer',
    `perl in the root ended with ${status}: ${stderr.trim() || 'it said nothing'}`,
  );
  unless(
    stdout !== 'outside',
    'chroot-escape',
    'root in the container has left it: it sees a file of the host\n' +
      'it did chroot into a deeper folder and then chdir("..") 64 times: chroot is a ' +
      'mark that one process carries, and a working directory outside of it is free. ' +
      'After pivot_root there is nothing above to climb to.',
  );
}

async function readOnly(subject: Subject): Promise<void> {
  await using place = prepare();
  const plain = await optionsOf(subject, place, []);
  unless(
    plain.root.includes('rw'),
    'always-read-only',
    'without --read-only the root is read-only as well: who did not ask cannot write',
  );
  const frozen = await optionsOf(subject, place, ['--read-only']);
  unless(
    frozen.root.includes('ro'),
    'root-writable',
    `with --read-only the root is mounted ${frozen.root}\n` +
      'mount_setattr(MOUNT_ATTR_RDONLY) on the new root, or a remount with ' +
      'MS_BIND: a ' +
      'flag of this mount, not of the file system below it.',
  );
  unless(
    frozen.shm.includes('rw'),
    'frozen-too-much',
    `/dev/shm is mounted ${frozen.shm}: only the root should be frozen\n` +
      'without a place to write programs fail that have nothing to do with the root.',
  );
}

async function optionsOf(
  subject: Subject,
  place: Parameters<typeof startRooted>[1],
  options: readonly string[],
): Promise<{ readonly root: string; readonly shm: string }> {
  await using running = await startRooted(subject, place, ['--pid', ...options]);
  const mounts = readMountinfo(running.application);
  const at = (wanted: string): string =>
    mounts.findLast(({ mountPoint }) => mountPoint === wanted)?.options ?? 'not there';
  return { root: at('/'), shm: at('/dev/shm') };
}

async function enterRoot(subject: Subject): Promise<void> {
  await using place = prepare();
  await using running = await startRooted(subject, place, ['--pid', '--uts']);
  const words = ['enter', String(running.application), '--', 'busybox', 'ls', '/'];
  const { stdout, stderr } = await runSubject(subject, words);
  unless(
    stdout.includes(place.marker),
    'entered-host-root',
    `who enters does not see /${place.marker} of the container's root\n` +
      'a root belongs to a mount namespace: join that one too, before the command is ' +
      `looked for. What it said: ${stderr.trim() || stdout.trim()}`,
  );
}
