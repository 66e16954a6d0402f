// Experiment 6: no window. The limits hold before the application's first instruction.
//
// First the classic order, in which a process slips through; then a birth inside.
// Sources: clone(2) CLONE_INTO_CGROUP, cgroups(7).

import { setTimeout as pause } from 'node:timers/promises';
import { experiment, type Lab } from '@slipway/lab';
import { descendantsOf } from '@slipway/lab/proc/processes.ts';
import { run } from './apparatus/container-shell.ts';
import { openHostShell } from './apparatus/host-shell.ts';
import { directoryOf, makeGroup, need } from './apparatus/lab-groups.ts';

const mebibyte = 2 ** 20;

export const noWindow = experiment(
  'no-window',
  'No window',
  ['root', 'native', 'tool:busybox'],
  async lab => {
    need(lab, 'pids', 'memory');
    await fallThroughTheWindow(lab);
    await closeIt(lab);
  },
);

/** The classic way: first the process, then its number into the file. */
async function fallThroughTheWindow(lab: Lab): Promise<void> {
  const group = await makeGroup(lab, { memoryBytes: 32 * mebibyte }, ['memory']);
  lab.say(
    'A group of 32 MiB. A process starts, takes 48 MiB at once, and then its number ' +
      'is written into the group, as in the classic example. Is it killed?',
  );
  const shell = await openHostShell(lab);
  await shell.type(`cd ${directoryOf(group, 'memory')}`);
  const greedy = 'x=$(head -c 50331648 /dev/zero | tr "\\0" x); sleep 60; exit';
  await shell.type(`bash -c '${greedy}' &`);
  // It has all of it when it goes to sleep.
  while (!descendantsOf(shell.pid).some(({ name }) => name === 'sleep'))
    await pause(50);
  await shell.type('echo $! > cgroup.procs; sleep 0.2');
  const [alive = 'dead'] = await shell.type('kill -0 $! && echo alive');
  const { usageBytes = 0 } = group.stats().memory ?? {};
  lab.say(
    "What it had taken before stays on somebody else's bill. Between the first " +
      'instruction and the write there was a window, and it went through.',
  );
  lab.expect({
    claim: 'what a process takes before it is moved, the group never sees',
    expected: 'alive, with 48 MiB; the group counts less than 32',
    observed: `${alive}; the group counts ${(usageBytes / mebibyte).toFixed(1)} MiB`,
    holds: alive === 'alive' && usageBytes < 32 * mebibyte,
  });
}

/** Our runtime gives birth in the group. */
async function closeIt(lab: Lab): Promise<void> {
  lab.say(
    'The runtime has its child stand in the group before it becomes the application. ' +
      'The very first thing that this one does is look at where it stands:',
  );
  const { stdout } = await lab.shell`npx tsx ${run} --memory 32m -- \\
    grep -m 1 slipway /proc/self/cgroup`;
  const greedy = 'x=$(head -c 50331648 /dev/zero | tr "\\0" x); echo got it';
  const { exitCode, stdout: said } = await lab.shell`npx tsx ${run} --memory 32m -- \\
    bash -c ${greedy}`;
  const inside = /slipway\/run-/.test(stdout);
  lab.expect({
    claim: 'it stands in its group from the first instruction, and 48 MiB kill it',
    expected: 'in the group; status 137',
    observed: `${inside ? 'in the group' : 'outside'}; status ${exitCode}`,
    holds: inside && exitCode === 137 && !said.includes('got it'),
  });
}
