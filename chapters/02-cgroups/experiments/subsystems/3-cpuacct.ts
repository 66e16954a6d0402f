// Experiment 3, cpuacct: processor time, also of the dead, and of each processor.
// Source: cpuacct.rst in the kernel's documentation.

import { experiment } from '@slipway/lab';
import { openHostShell } from '../apparatus/host-shell.ts';
import { directoryOf, makeGroup, need, worldOf } from '../apparatus/lab-groups.ts';
import { showTwins } from '../apparatus/twins.ts';

export const cpuacct = experiment(
  'cpuacct',
  'cpuacct: the dead are on the bill, too',
  ['root'],
  async lab => {
    need(lab, 'cpuacct');
    const group = await makeGroup(lab, {}, ['cpuacct']);
    const v1 = worldOf('cpuacct') === 'v1';
    const shell = await openHostShell(lab, { group });
    lab.say('A process comes, works, and ends. Who remembers what it used?');
    await shell.type(`cd ${directoryOf(group, 'cpuacct')}`);
    const before = group.stats().cpu?.usageUs ?? 0;
    await shell.type("bash -c 'for ((i = 0; i < 40000; i++)); do : ; done'");
    const used = ((group.stats().cpu?.usageUs ?? 0) - before) / 1000;
    await shell.type(
      v1 ? 'cat cpuacct.usage_percpu cpuacct.stat' : 'head -n 3 cpu.stat',
    );
    const { perCpuUs, usageUs = 0 } = group.stats().cpu ?? {};
    const sum = perCpuUs?.reduce((a, b) => a + b, 0) ?? usageUs;
    lab.expect({
      claim: 'the group does, and the processors add up to the whole',
      expected: 'more than 5 ms, the same sum',
      observed: `${used.toFixed(0)} ms; ${ms(sum)} of ${ms(usageUs)} ms`,
      holds: used > 5 && Math.abs(sum - usageUs) < 20_000,
    });
    showTwins(lab, worldOf('cpuacct'), [
      ['cpuacct.usage', 'cpu.stat, usage_usec', 'v1 in ns, v2 in µs'],
      ['cpuacct.usage_percpu', '(none)', 'of each processor'],
      ['cpuacct.stat', 'cpu.stat, user_ system_', 'v1 in ticks of 10 ms'],
    ]);
  },
);

function ms(microseconds: number): string {
  return (microseconds / 1000).toFixed(0);
}
