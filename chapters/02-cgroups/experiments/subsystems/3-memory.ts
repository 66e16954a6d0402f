// Experiment 3, memory: k, m, g, and the word for "no limit".
//
// The kernel reads the units itself; the runtime has to agree with it (size.ts).
// Sources: memory.rst and cgroup-v2.rst in the kernel's documentation.

import { experiment } from '@slipway/lab';
import { openHostShell } from '../apparatus/host-shell.ts';
import { directoryOf, makeGroup, need, worldOf } from '../apparatus/lab-groups.ts';
import { showTwins } from '../apparatus/twins.ts';

export const memory = experiment(
  'memory',
  'memory: k, m, g, and no limit',
  ['root'],
  async lab => {
    need(lab, 'memory');
    const group = await makeGroup(lab, {}, ['memory']);
    const v1 = worldOf('memory') === 'v1';
    const [limit, none] = v1
      ? ['memory.limit_in_bytes', '-1']
      : (['memory.max', 'max'] as const);
    const shell = await openHostShell(lab);
    await shell.type(`cd ${directoryOf(group, 'memory')}`);
    lab.say('The kernel reads the units itself, and answers in bytes:');
    const words = ['65536k', '64m', '1g', '64100', none];
    const read: string[] = [];
    for (const word of words) {
      const [answer = ''] = await shell.type(`echo ${word} > ${limit}; cat ${limit}`);
      read.push(answer);
    }
    const [k, m, g, odd, unlimited = ''] = read;
    lab.say('Whole pages only: 64100 bytes have become less, without a word.');
    lab.expect({
      claim: '65536k and 64m are one; g is 1024 m; what is no page is rounded down',
      expected: '67108864, 67108864, 1073741824, a multiple of 4096',
      observed: [k, m, g, odd].join(', '),
      holds:
        k === '67108864' &&
        m === k &&
        g === '1073741824' &&
        Number(odd) % 4096 === 0 &&
        Number(odd) < 64_100,
    });
    lab.expect({
      claim: `${none} takes the limit away`,
      expected: v1 ? 'more bytes than there are' : 'max',
      observed: unlimited,
      holds: v1 ? Number(unlimited) > 2 ** 62 : unlimited === 'max',
    });
    await shell.type(
      v1
        ? 'cat memory.usage_in_bytes memory.max_usage_in_bytes'
        : 'cat memory.current; cat memory.peak',
    );
    showTwins(lab, worldOf('memory'), [
      ['memory.limit_in_bytes', 'memory.max', 'no limit: -1, in v2 max'],
      ['memory.usage_in_bytes', 'memory.current', 'now'],
      ['memory.max_usage_in_bytes', 'memory.peak', 'since Linux 5.19'],
      ['memory.memsw.limit_in_bytes', 'memory.swap.max', 'v1: both, v2: swap alone'],
      ['memory.soft_limit_in_bytes', 'memory.low, .high', 'gentler ones'],
    ]);
  },
);
