// Experiment 2, prioritisation: a disk that is slow for one group only.
// Sources: blkio-controller.rst and cgroup-v2.rst ("io.max").

import { experiment } from '@slipway/lab';
import { findSource } from './apparatus/disk.ts';
import { openHostShell } from './apparatus/host-shell.ts';
import { makeGroup, need, setShown, worldOf } from './apparatus/lab-groups.ts';
import { showTwins } from './apparatus/twins.ts';

const mebibyte = 2 ** 20;

export const blockIo = experiment(
  'block-io',
  'Prioritisation: one megabyte a second',
  ['root', 'tool:dd'],
  async lab => {
    need(lab, 'blkio');
    const source = await findSource(lab);
    if (source === undefined) return lab.notRun('there is no disk to read from here');
    const group = await makeGroup(lab, {}, ['blkio']);
    const shell = await openHostShell(lab, { group });
    await shell.type(`cd ${source.folder}`);
    const read = `dd if=${source.name} of=/dev/null bs=128k count=12 iflag=direct`;
    lab.say('Read 1.5 MiB from the disk, past the page cache. How long does it take?');
    const free = seconds(await shell.type(read));
    lab.say('Now the same, when the group may read 1 MiB a second from this disk:');
    setShown(lab, group, {
      readBytes: [{ device: source.disk, perSecond: mebibyte }],
    });
    const held = seconds(await shell.type(read));
    const rate = 1.5 / held;
    lab.expect({
      claim: 'the group reads as fast as it may, and no faster',
      expected: `slower than ${free.toFixed(3)} s, at most about 1 MiB/s (0.3 to 1.5)`,
      observed: `${held.toFixed(2)} s, ${rate.toFixed(2)} MiB/s`,
      holds: held > free && rate > 0.3 && rate < 1.5,
    });
    showTwins(lab, worldOf('blkio'), [
      ['blkio.throttle.read_bps_device', 'io.max, rbps=', 'bytes a second, read'],
      ['blkio.throttle.write_bps_device', 'io.max, wbps=', 'written'],
      ['blkio.throttle.read_iops_device', 'io.max, riops=', 'requests a second'],
      ['blkio.weight', 'io.weight', 'a share'],
    ]);
  },
);

/** `1572864 bytes (1.6 MB, 1.5 MiB) copied, 1.37 s, 1.1 MB/s` */
function seconds(lines: readonly string[]): number {
  const found = /copied, ([\d.e-]+) s/.exec(lines.join('\n'))?.[1];
  if (found === undefined) throw new Error(`dd did not copy: ${lines.join('; ')}`);
  return Number(found);
}
