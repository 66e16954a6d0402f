// Experiment 3, hugetlb: how many huge pages a group may have.
//
// The pages come from a pool that belongs to the whole machine; two are put into it for
// the experiment. Source: hugetlb.rst in the kernel's documentation.

import { readFileSync, writeFileSync } from 'node:fs';
import { experiment, record, settle, sysctlThing, type Lab } from '@slipway/lab';
import { openHostShell } from '../apparatus/host-shell.ts';
import { makeGroup, need, setShown, worldOf } from '../apparatus/lab-groups.ts';
import { showTwins } from '../apparatus/twins.ts';

const pool = '/proc/sys/vm/nr_hugepages';

export const hugetlb = experiment(
  'hugetlb',
  'hugetlb: one huge page of two',
  ['root', 'tool:fallocate', 'filesystem:hugetlbfs'],
  async lab => {
    need(lab, 'hugetlb');
    const size = /^Hugepagesize:\s+2048 kB$/m.test(
      readFileSync('/proc/meminfo', 'utf8'),
    );
    if (!size) lab.notRun('the huge pages of this machine are not of 2 MiB');
    fillPool(lab);
    const group = await makeGroup(lab, {}, ['hugetlb']);
    setShown(lab, group, { hugePages: [{ size: '2MB', bytes: 2 ** 21 }] });
    const shell = await openHostShell(lab, { group, unshare: ['--mount'] });
    lab.say('A file of huge pages, one page long, and then a second one:');
    await shell.type('mount -t hugetlbfs huge /mnt; cd /mnt');
    await shell.type('fallocate --length 2M one; echo "status $?"');
    const second = await shell.type('fallocate --length 2M two');
    const [free = ''] = await shell.type('grep HugePages_Free /proc/meminfo');
    await shell.type('cd /; umount /mnt');
    lab.expect({
      claim: 'the second page is refused, though the machine has one left',
      expected: 'fallocate failed, 1 free or more',
      observed: `${second.join(' ')}, ${free.split(/\s+/)[1]} free`,
      holds: /failed/.test(second.join(' ')) && Number(free.split(/\s+/)[1]) >= 1,
    });
    showTwins(lab, worldOf('hugetlb'), [
      ['hugetlb.2MB.limit_in_bytes', 'hugetlb.2MB.max', 'the limit'],
      ['hugetlb.2MB.usage_in_bytes', 'hugetlb.2MB.current', 'now'],
      ['hugetlb.2MB.failcnt', 'hugetlb.2MB.events, max', 'how often it was met'],
    ]);
  },
);

/** Two more pages for the pool; after the experiment it is as it was. */
function fillPool(lab: Lab): void {
  const before = readFileSync(pool, 'utf8').trim();
  const id = record(sysctlThing('vm.nr_hugepages'));
  lab.hold({
    [Symbol.dispose]: () => {
      writeFileSync(pool, before);
      settle(id);
    },
  });
  lab.show(`# echo ${Number(before) + 2} > ${pool}`);
  writeFileSync(pool, String(Number(before) + 2));
  const has = readFileSync(pool, 'utf8').trim();
  if (Number(has) < Number(before) + 2) {
    lab.notRun('the machine has no 4 MiB of memory in two pieces for huge pages');
  }
}
