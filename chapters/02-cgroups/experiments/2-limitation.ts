// Experiment 2, the first of four functions: limitation. Memory has an end.
//
// Who wants more than the limit is killed, not refused: malloc has long said yes.
// Sources: memory.rst in the kernel's documentation, cgroups(7).

import { experiment, type Lab } from '@slipway/lab';
import type { Group } from '../group/group.ts';
import { openHostShell } from './apparatus/host-shell.ts';
import { makeGroup, need, setShown, worldOf } from './apparatus/lab-groups.ts';
import { showTwins } from './apparatus/twins.ts';

const mebibyte = 2 ** 20;

export const limitation = experiment(
  'limitation',
  'Limitation: memory that has an end',
  ['root'],
  async lab => {
    need(lab, 'memory');
    const group = await makeGroup(lab, {}, ['memory']);
    lab.say(
      'A group with 32 MiB of memory. In it tail reads a line that never ends, and ' +
        'has to keep all of it. Will it be told that there is no more memory?',
    );
    setShown(lab, group, { memoryBytes: 32 * mebibyte });
    const shell = await openHostShell(lab, { group });
    const answer = await shell.type('tail /dev/zero; echo "status $?"');
    judgeTheEnd(lab, answer.at(-1) ?? '');
    readTheCounters(lab, group);
    showTwins(lab, worldOf('memory'), [
      ['memory.limit_in_bytes', 'memory.max', 'the limit'],
      ['memory.max_usage_in_bytes', 'memory.peak', 'the most it ever had'],
      ['memory.failcnt', 'memory.events, max', 'how often it was met'],
      ['memory.oom_control, oom_kill', 'memory.events, oom_kill', 'how many died'],
    ]);
  },
);

function judgeTheEnd(lab: Lab, status: string): void {
  lab.say(
    'No. To ask for memory (malloc, mmap) costs nothing and is granted; the limit is ' +
      'met when a page is touched, and then there is no call that could return an ' +
      'error. The kernel looks for memory to take back, finds none, and kills: ' +
      '137 is 128 + 9, SIGKILL.',
  );
  lab.expect({
    claim: 'who needs more than the limit is killed',
    expected: 'status 137',
    observed: status,
    holds: status === 'status 137',
  });
}

function readTheCounters(lab: Lab, group: Group): void {
  const { limitHits = 0, oomKills = 0, peakBytes } = group.stats().memory ?? {};
  const peak = peakBytes === undefined ? 'not counted' : inMebibytes(peakBytes);
  lab.show({
    'limit met, times': limitHits,
    'killed for it': oomKills,
    'most memory': peak,
  });
  lab.expect({
    claim: 'the group has counted it, and never had more than its limit',
    expected: 'one kill or more, at most 32.0 MiB',
    observed: `${oomKills} killed, ${peak}`,
    holds: oomKills >= 1 && (peakBytes ?? 0) <= 32 * mebibyte,
  });
}

function inMebibytes(bytes: number): string {
  return `${(bytes / mebibyte).toFixed(1)} MiB`;
}
