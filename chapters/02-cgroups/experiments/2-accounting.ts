// Experiment 2, accounting: what a group has used, to the microsecond and the page.
//
// A program reads its own bill in another place, times(2): the two must agree.
// Sources: cpuacct.rst, memory.rst and cgroup-v2.rst in the kernel's documentation.

import { setTimeout as pause } from 'node:timers/promises';
import { experiment, type Lab } from '@slipway/lab';
import { descendantsOf } from '@slipway/lab/proc/processes.ts';
import type { Group } from '../group/group.ts';
import { openHostShell, type HostShell } from './apparatus/host-shell.ts';
import { makeGroup, need, worldOf } from './apparatus/lab-groups.ts';
import { showTwins } from './apparatus/twins.ts';

const mebibyte = 2 ** 20;

export const accounting = experiment(
  'accounting',
  'Accounting: a bill for processor and memory',
  ['root'],
  async lab => {
    need(lab, 'cpuacct', 'memory');
    const group = await makeGroup(lab, {}, ['cpuacct', 'memory']);
    const shell = await openHostShell(lab, { group });
    await spendTime(lab, group, shell);
    await spendMemory(lab, group, shell);
    showTwins(lab, worldOf('memory'), [
      ['cpuacct.usage', 'cpu.stat, usage_usec', 'v1 in ns, v2 in µs'],
      ['cpuacct.stat', 'cpu.stat, user_ system_', 'program and kernel'],
      ['memory.usage_in_bytes', 'memory.current', 'now'],
      ['memory.max_usage_in_bytes', 'memory.peak', 'at most, so far'],
    ]);
  },
);

/** The shell's own bill, times(2), is the oracle. */
async function spendTime(lab: Lab, group: Group, shell: HostShell): Promise<void> {
  lab.say('A shell in a group counts to 50,000. What does it say that took, itself?');
  const before = group.stats().cpu?.usageUs ?? 0;
  await shell.type('for ((i = 0; i < 50000; i++)); do : ; done');
  const used = ((group.stats().cpu?.usageUs ?? 0) - before) / 1000;
  const [own = ''] = await shell.type('times');
  const said = milliseconds(own);
  lab.expect({
    claim: 'the group was charged for what its process used',
    expected: `about ${said.toFixed(0)} ms, as the shell says`,
    observed: `${used.toFixed(0)} ms`,
    holds: Math.abs(used - said) < 50 + said / 5,
  });
}

/** `0m0.412s 0m0.008s`: user and system. */
function milliseconds(times: string): number {
  const parts = [...times.matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce(
    (sum, [, m, s]) => sum + Number(m) * 60_000 + Number(s) * 1000,
    0,
  );
}

async function spendMemory(lab: Lab, group: Group, shell: HostShell): Promise<void> {
  lab.say('Then a child of it holds 24 MiB in a variable, and ends:');
  const hold = 'x=$(head -c 25165824 /dev/zero | tr "\\0" x); sleep 60; exit';
  await shell.type(`bash -c '${hold}' &`);
  // It has all of it when it goes to sleep.
  while (!descendantsOf(shell.pid).some(({ name }) => name === 'sleep'))
    await pause(50);
  const { usageBytes: held = 0 } = group.stats().memory ?? {};
  await shell.type('kill -9 %1; sleep 0.3');
  const { usageBytes: after = 0, peakBytes } = group.stats().memory ?? {};
  const mib = (bytes: number): string => (bytes / mebibyte).toFixed(1);
  lab.show({
    'with it': `${mib(held)} MiB`,
    'without it': `${mib(after)} MiB`,
    'at most': peakBytes === undefined ? 'not counted' : `${mib(peakBytes)} MiB`,
  });
  lab.expect({
    claim: 'usage comes and goes, the peak stays',
    expected: 'over 24 MiB; less; a peak over 24 MiB',
    observed: `${mib(held)} MiB; ${mib(after)} MiB; ${mib(peakBytes ?? held)} MiB`,
    holds:
      held > 24 * mebibyte &&
      after < held - 16 * mebibyte &&
      (peakBytes ?? held) > 24 * mebibyte,
  });
}
