// Experiment 3, blkio: what went to and from each disk.
//
// Throttling is experiment 2. Source: blkio-controller.rst, cgroup-v2.rst ("io.stat").

import { experiment } from '@slipway/lab';
import { formatDevice } from '../../limits/limits.ts';
import { findSource } from '../apparatus/disk.ts';
import { openHostShell } from '../apparatus/host-shell.ts';
import {
  directoryOf,
  makeGroup,
  need,
  setShown,
  worldOf,
} from '../apparatus/lab-groups.ts';
import { showTwins } from '../apparatus/twins.ts';

export const blkio = experiment(
  'blkio',
  'blkio: each disk has its own account',
  ['root', 'tool:dd'],
  async lab => {
    need(lab, 'blkio');
    const source = await findSource(lab);
    if (source === undefined) return lab.notRun('there is no disk to read from here');
    const group = await makeGroup(lab, {}, ['blkio']);
    const shell = await openHostShell(lab, { group });
    const device = formatDevice(source.disk);
    const read = async (): Promise<number> => {
      await shell.type(`cd ${source.folder}`);
      await shell.type(
        `dd if=${source.name} of=/dev/null bs=256k count=4 iflag=direct`,
      );
      await shell.type(`cd ${directoryOf(group, 'blkio')}`);
      const v1 = worldOf('blkio') === 'v1';
      await shell.type(v1 ? 'cat blkio.throttle.io_service_bytes' : 'cat io.stat');
      return group.stats().io?.find(one => one.device === device)?.readBytes ?? 0;
    };
    lab.say('Read 1 MiB past the page cache, and look at the account:');
    let readBytes = await read();
    if (readBytes === 0) {
      lab.say(
        'Nothing: this kernel counts in version 1 only for a group that is limited ' +
          '(Linux 5.17 to 6.4). So a limit that nobody reaches:',
      );
      const perSecond = 2 ** 40;
      setShown(lab, group, { readBytes: [{ device: source.disk, perSecond }] });
      readBytes = await read();
    }
    lab.expect({
      claim: 'the bytes are on the account of this group, at this disk',
      expected: `1048576 or a little more from ${device}`,
      observed: `${readBytes} from ${device}`,
      holds: readBytes >= 2 ** 20 && readBytes < 2 ** 24,
    });
    showTwins(lab, worldOf('blkio'), [
      ['blkio.throttle.io_service_bytes', 'io.stat, rbytes=', 'bytes'],
      ['blkio.throttle.io_serviced', 'io.stat, rios=', 'requests'],
    ]);
  },
);
