// Checkpoints about folders and files of the host in a container.
// - `bindCheckpoints`: each makes a root and a folder, and looks at both sides
// Sources: mount_namespaces(7), proc_pid_mountinfo(5), mount_setattr(2).

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { unless, type Checkpoint, type Subject } from '@slipway/lab/checkpoint.ts';
import { readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import { startRooted } from '@slipway/rootfs/checkpoints/prepared.ts';
import { ask, identity, prepareVolumes } from './prepared.ts';

export const bindCheckpoints: readonly Checkpoint[] = [
  {
    id: 'bound',
    sentence: 'a folder of the host is in the container, and its mount nowhere else',
    needs: ['root', 'tool:busybox'],
    examine: bound,
  },
  {
    id: 'one-file',
    sentence: 'a single file can be mounted, on a name that was not there',
    needs: ['root', 'tool:busybox'],
    examine: oneFile,
  },
  {
    id: 'read-only-volume',
    sentence: ':ro is read-only inside, with all that is mounted below, and only there',
    needs: ['root', 'tool:busybox'],
    examine: readOnly,
  },
  {
    id: 'frozen-root',
    sentence:
      'a root that is --read-only still gets its volumes, and they can be written',
    needs: ['root', 'tool:busybox'],
    examine: frozenRoot,
  },
  {
    id: 'nested',
    sentence: 'of two targets the outer one is mounted first, whatever the order',
    needs: ['root', 'tool:busybox'],
    examine: nested,
  },
  {
    id: 'private',
    sentence: 'what is mounted in a volume later stays on its side',
    needs: ['root', 'tool:busybox', 'tool:nsenter'],
    examine: keptApart,
  },
];

async function bound(subject: Subject): Promise<void> {
  await using place = prepareVolumes();
  const options = ['--pid', '-v', `${place.home}:/test`];
  await using running = await startRooted(subject, place, options);
  const inside = `/proc/${running.application}/root/test`;
  unless(
    existsSync(`${inside}/letter`),
    'not-mounted',
    `/test of the container has no letter: it is not ${place.home}\n` +
      'the volume has to be mounted in its root before pivot_root: afterwards the ' +
      'folder of the host is out of sight.',
  );
  unless(
    identity(inside) === identity(place.home),
    'copied',
    '/test has the letter, and is another folder than that of the host\n' +
      'a volume is not a copy: compare the inode numbers (stat -c %d:%i).',
  );
  const where = (['self', running.pid] as const).flatMap(pid =>
    readMountinfo(pid).filter(({ mountPoint }) => mountPoint.startsWith(place.root)),
  );
  unless(
    where.length === 0,
    'on-host',
    `the host has a mount on ${where[0]?.mountPoint}\n` +
      'the bind was made in the table of mounts of the host, or in one that still ' +
      'shares with it: first a mount namespace, then private, then mount.',
  );
}

async function oneFile(subject: Subject): Promise<void> {
  await using place = prepareVolumes();
  const options = ['-v', `${place.home}/letter:/deep/er/letter`];
  const { stdout, stderr } = await ask(subject, place, options, 'cat /deep/er/letter');
  unless(
    stdout === 'from the host\n',
    'no-file',
    `/deep/er/letter does not show the file: ${(stderr || stdout).trim()}\n` +
      'only a file can be mounted on a file: a missing mount point has to be made ' +
      'as what the source is, and the folders on the way as folders.',
  );
}

async function readOnly(subject: Subject): Promise<void> {
  await using place = prepareVolumes();
  mkdirSync(`${place.home}/disk`);
  // On a table of mounts that the subject gets as its host's.
  execFileSync('mount', ['-t', 'tmpfs', 'disk', `${place.home}/disk`]);
  try {
    const options = ['-v', `${place.home}:/a:ro`, '-v', `${place.home}:/b`];
    const script = 'touch /a/1; touch /a/disk/2; touch /b/3; touch /b/disk/4; true';
    await ask(subject, place, options, script);
    const wrote = (name: string): boolean => existsSync(`${place.home}/${name}`);
    unless(
      !wrote('1'),
      'ro-ignored',
      'a file was created through a volume that is :ro\n' +
        'MS_RDONLY together with MS_BIND is ignored by mount(2): it takes a second ' +
        'call (remount), or mount_setattr(MOUNT_ATTR_RDONLY) on the clone.',
    );
    unless(
      !wrote('disk/2'),
      'ro-not-below',
      'what is mounted below the source could be written through a volume that is ' +
        ':ro\n' +
        'a remount changes one mount. AT_RECURSIVE makes mount_setattr change all.',
    );
    unless(
      wrote('3') && wrote('disk/4'),
      'ro-too-much',
      'the same folder without :ro could not be written\n' +
        'read-only is a property of one mount; the source and its other mounts keep ' +
        'theirs.',
    );
  } finally {
    execFileSync('umount', [`${place.home}/disk`]);
  }
}

async function frozenRoot(subject: Subject): Promise<void> {
  await using place = prepareVolumes();
  const options = ['--read-only', '-v', `${place.home}:/not/yet/there`];
  const script = 'touch /not/yet/there/new; touch /frozen; true';
  const { stderr } = await ask(subject, place, options, script);
  unless(
    existsSync(`${place.home}/new`),
    'frozen-first',
    'with --read-only the volume is not there or not to be written: ' +
      `${stderr.trim()}\n` +
      'its mount point has to be made before the root is frozen, and only the ' +
      'root is frozen.',
  );
  unless(
    !existsSync(`${place.root}/frozen`),
    'not-frozen',
    'with --read-only and a volume the root itself could be written',
  );
}

async function nested(subject: Subject): Promise<void> {
  await using place = prepareVolumes();
  mkdirSync(`${place.path}/inner`);
  writeFileSync(`${place.path}/inner/deep`, 'inner\n');
  // The inner target first, as nobody forbids.
  const options = ['-v', `${place.path}/inner:/test/in`, '-v', `${place.home}:/test`];
  const { stdout } = await ask(
    subject,
    place,
    options,
    'cat /test/letter /test/in/deep',
  );
  unless(
    stdout === 'from the host\ninner\n',
    'inner-hidden',
    `/test/in was mounted, and then hidden by /test: ${stdout.trim() || 'nothing'}\n` +
      'a mount covers what was mounted below its target before: sort the targets ' +
      'by their depth.',
  );
}

async function keptApart(subject: Subject): Promise<void> {
  await using place = prepareVolumes();
  mkdirSync(`${place.home}/in`);
  const options = ['--pid', '-v', `${place.home}:/test`];
  await using running = await startRooted(subject, place, options);
  const target = ['-t', String(running.application), '-m', '--', '/bin/mount'];
  execFileSync('nsenter', [...target, '-t', 'tmpfs', 'late', '/test/in']);
  const table = readFileSync(`/proc/${running.pid}/mountinfo`, 'utf8');
  unless(
    !table.includes(`${place.home}/in`),
    'leaks-out',
    'a mount that the container makes in its volume shows up on the host\n' +
      'the clone of a shared mount is a peer of it: make it private before anybody ' +
      'uses it.',
  );
}
