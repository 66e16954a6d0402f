// Experiment 4: owners as a mount shows them. Source: mount_setattr(2),
// MOUNT_ATTR_IDMAP.

import { chownSync } from 'node:fs';
import { experiment } from '@slipway/lab';
import { prepare, run } from './run-command.ts';

export const owners = experiment(
  'owners',
  'An id-mapped mount: the same files, seen with other owners',
  ['root', 'native', 'tool:busybox', 'kernel>=5.12'],
  async lab => {
    const { root, home } = await prepare(lab);
    chownSync(`${home}/letter`, 1000, 1000);
    chownSync(home, 1000, 1000);
    lab.say(
      'The letter belongs to uid 1000. In the container everybody is root, and ' +
        'what root creates would belong to uid 0 on the host: the classic trouble ' +
        'with volumes. An id-mapped mount says: 1000 on disk is seen as 0, and the ' +
        'other way round.',
    );
    const option = `${home}:/test:idmap=1000-0-1`;
    const { stdout } =
      await lab.shell`${run} --rootfs ${root} --pid -v ${option} -- sh -c '
      touch /test/answer; stat -c "%u %n" /test/letter /test/answer' 2>&1
      stat -c '%u %n' ${home}/letter ${home}/answer`;
    if (stdout.includes('cannot show other owners')) {
      lab.notRun(`the file system of ${home} does not know id-mapped mounts: use ext4`);
    }
    const uids = [...stdout.matchAll(/^(\d+) /gm)].map(found => found[1]).join(' ');
    lab.expect({
      claim: 'inside both belong to root, on disk both to uid 1000',
      expected: '0 0 1000 1000',
      observed: uids,
      holds: uids === '0 0 1000 1000',
    });
    lab.say(
      'No file was changed for that (no chown of a million files). An owner that ' +
        'the map does not name is seen as nobody, and cannot create anything:',
    );
    const other = `${home}:/test:idmap=7-0-1`;
    const nobody = await lab.shell`${run} --rootfs ${root} --pid -v ${other} -- sh -c '
      stat -c %u /test/letter; touch /test/third' 2>&1`;
    lab.expect({
      claim: 'an owner outside of the map is nobody',
      expected: '65534',
      observed: nobody.stdout.split('\n')[0] ?? '',
      holds: nobody.stdout.startsWith('65534\n'),
    });
  },
);
