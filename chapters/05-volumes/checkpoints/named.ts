// Checkpoints about volumes with names, and about memory.
// - `namedCheckpoints`: their volumes are below a scratch folder
// Sources: docker-volume-create(1), docker-run(1), tmpfs(5).

import { readdirSync } from 'node:fs';
import {
  runSubject,
  unless,
  type Checkpoint,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { startRooted } from '@slipway/rootfs/checkpoints/prepared.ts';
import { ask, prepareVolumes, withOwnState } from './prepared.ts';

export const namedCheckpoints: readonly Checkpoint[] = [
  {
    id: 'copy-up',
    sentence: 'an empty named volume takes over what the image has, a full one nothing',
    needs: ['root', 'tool:busybox'],
    examine: copyUp,
  },
  {
    id: 'in-use',
    sentence: 'a volume that a container uses cannot be removed, afterwards it can',
    needs: ['root', 'tool:busybox'],
    examine: inUse,
  },
  {
    id: 'volumes-from',
    sentence: '--volumes-from gives a container the volumes of another one',
    needs: ['root', 'tool:busybox'],
    examine: volumesFrom,
  },
  {
    id: 'memory',
    sentence: '--tmpfs is memory with the size and the mode that were asked for',
    needs: ['root', 'tool:busybox'],
    examine: memory,
  },
];

async function copyUp(subject: Subject): Promise<void> {
  await using place = prepareVolumes();
  const own = withOwnState(subject, place);
  const image = readdirSync(`${place.root}/etc`).toSorted().join(' ');
  const options = ['-v', 'conf:/etc'];
  const mode = 'stat -c %a:%u /etc/passwd; chmod 640 /etc/passwd; chown 7 /etc/passwd';
  const script = `echo $(ls /etc); ${mode}; rm /etc/group; touch /etc/mine`;
  const first = await ask(own, place, options, script);
  const [names, kind] = first.stdout.split('\n');
  unless(
    names === image,
    'not-filled',
    `a new volume on /etc shows ${names || 'nothing'}, the image has ${image}\n` +
      'an image prepares a folder for its data; an empty volume would hide that: ' +
      'copy it in, once.',
  );
  unless(
    kind === '644:0',
    'other-owner',
    `the copy of /etc/passwd has ${kind} (mode:uid), the image 644:0\n` +
      'a copy keeps modes, owners, times and links.',
  );
  unless(
    readdirSync(`${place.root}/etc`).toSorted().join(' ') === image,
    'image-changed',
    'what was removed in the volume is gone from the root: it is no copy',
  );
  const second = await ask(
    own,
    place,
    options,
    'echo $(ls /etc); stat -c %a:%u /etc/passwd',
  );
  unless(
    second.stdout === 'mine passwd\n640:7\n',
    'filled-again',
    `the second container finds ${second.stdout.trim().split('\n').join(', ')}\n` +
      'the volume held data (mine, passwd with 640:7): only an empty one may be ' +
      'filled.',
  );
}

async function inUse(subject: Subject): Promise<void> {
  await using place = prepareVolumes();
  const own = withOwnState(subject, place);
  {
    const options = ['--pid', '-v', 'data:/test'];
    await using _ = await startRooted(own, place, options);
    const refused = await runSubject(own, ['volume', 'rm', 'data']);
    unless(
      refused.status !== 0,
      'removed-in-use',
      'volume rm has removed a volume while a container was writing into it\n' +
        'who uses a volume has to hold something that ends with him: a lock, say ' +
        '(flock), not a line in a file that a kill leaves behind.',
    );
    unless(
      refused.stderr.includes('data'),
      'unnamed-refusal',
      `the refusal does not name the volume: ${refused.stderr.trim() || 'silence'}`,
    );
  }
  const removed = await runSubject(own, ['volume', 'rm', 'data']);
  unless(
    removed.status === 0,
    'stale-claim',
    'the container was killed, and its volume still counts as used: ' +
      `${removed.stderr}\n` +
      'a claim has to end with its process, by whatever end.',
  );
  const { stdout } = await runSubject(own, ['volume', 'ls']);
  unless(!stdout.includes('data'), 'still-listed', 'a removed volume is still listed');
}

async function volumesFrom(subject: Subject): Promise<void> {
  await using place = prepareVolumes();
  const own = withOwnState(subject, place);
  const options = ['--pid', '-v', `${place.home}:/test`, '-v', 'data:/data'];
  await using running = await startRooted(own, place, options);
  const from = ['--volumes-from', String(running.application)];
  const script = 'cat /test/letter; touch /data/shared; true';
  const { stdout, stderr } = await ask(own, place, from, script);
  unless(
    stdout === 'from the host\n',
    'not-inherited',
    '/test of the first is not in the second: ' +
      `${(stderr || stdout).trim() || 'nothing'}\n` +
      'the second has to learn what the first has mounted, and where.',
  );
  const seen = readdirSync(`/proc/${running.application}/root/data`);
  unless(
    seen.join(' ') === 'shared',
    'other-volume',
    `the first sees in /data ${seen.join(' ') || 'nothing'}, the second wrote ` +
      'shared\na name means one volume, for all who know it.',
  );
}

async function memory(subject: Subject): Promise<void> {
  await using place = prepareVolumes();
  const script =
    'stat -c %a /scratch; grep " /scratch " /proc/self/mountinfo; touch ' +
    '/scratch/x; dd if=/dev/zero of=/scratch/y bs=1k count=2k 2> /dev/null; stat ' +
    '-c %s /scratch/y';
  const options = ['--tmpfs', '/scratch:size=1m,mode=711'];
  const { stdout } = await ask(subject, place, options, script);
  const [mode = '', mount = '', size = ''] = stdout.trim().split('\n');
  unless(
    mount.includes(' tmpfs '),
    'no-tmpfs',
    `/scratch is no tmpfs: ${mount || 'it is not mounted'}`,
  );
  unless(
    mode === '711' && Number(size) > 0 && Number(size) <= 2 ** 20,
    'other-size',
    `asked for mode 711 and one megabyte, got mode ${mode} and ${size} bytes\n` +
      'size= and mode= are data of mount(2), the last argument.',
  );
  unless(
    ['nosuid', 'nodev', 'noexec'].every(flag => mount.includes(flag)),
    'open-tmpfs',
    `/scratch is mounted ${mount.split(' ')[5]}: nosuid, nodev and noexec are usual\n` +
      'nobody should gain rights by what he writes into memory.',
  );
  unless(
    readdirSync(`${place.root}/scratch`).length === 0,
    'in-the-layer',
    'what was written to memory is in the root afterwards',
  );
}
