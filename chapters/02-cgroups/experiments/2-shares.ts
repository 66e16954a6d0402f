// Experiment 2, prioritisation: two groups that want the same processor, 2 to 1.
//
// Shares are not a limit: they count only while somebody else wants the processor too.
// Sources: sched-design-CFS.rst and cgroup-v2.rst in the kernel's documentation.

import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { experiment, type Lab } from '@slipway/lab';
import { openHostShell, type HostShell } from './apparatus/host-shell.ts';
import { directoryOf, favouredGroup, need, worldOf } from './apparatus/lab-groups.ts';
import {
  firstProcessor,
  measure,
  runNanoseconds,
  untilItFits,
} from './apparatus/processor-time.ts';
import { showTwins } from './apparatus/twins.ts';

export const shares = experiment(
  'shares',
  'Prioritisation: two to one',
  ['root', 'tool:taskset'],
  async lab => {
    need(lab, 'cpu');
    const home = directoryOf(await favouredGroup(lab), 'cpu');
    const v1 = worldOf('cpu') === 'v1';
    if (!v1) writeFileSync(`${home}/cgroup.subtree_control`, '+cpu');
    const shell = await openHostShell(lab);
    lab.say(
      'Two groups, two endless loops, one processor for both. The second group gets ' +
        'half of the shares. What does each loop get, and what does the second get ' +
        'when the first has gone?',
    );
    await shell.type(`cd ${home}; mkdir first second`);
    await shell.type(
      v1 ? 'echo 512 > second/cpu.shares' : 'echo 50 > second/cpu.weight',
    );
    await shell.type(`cat */${v1 ? 'cpu.shares' : 'cpu.weight'}`);
    const first = await startLoop(shell, 'first');
    const second = await startLoop(shell, 'second');
    await compare(lab, first, second);
    await leaveOneAlone(lab, shell, second);
    showTwins(lab, v1 ? 'v1' : 'v2', [
      ['cpu.shares', 'cpu.weight', '1024 and 100 if nobody says anything'],
    ]);
    await shell.type('kill %2; sleep 0.3; rmdir first second');
  },
);

/** A loop in the group, bound to one processor, and its number. */
async function startLoop(shell: HostShell, group: string): Promise<number> {
  const cpu = firstProcessor();
  const loop = `taskset -c ${cpu} bash -c 'while : ; do : ; done' &`;
  const started = await shell.type(loop);
  const pid = Number(/^\[\d+\] (\d+)$/.exec(started[0] ?? '')?.[1]);
  await shell.type(`echo ${pid} > ${group}/cgroup.procs`);
  return pid;
}

async function compare(lab: Lab, first: number, second: number): Promise<void> {
  await pause(200); // the scheduler needs a moment to bring the two level
  const look = async (): Promise<number> => {
    const before = [first, second].map(runNanoseconds);
    await pause(2000);
    const used = [first, second].map(
      (pid, at) => runNanoseconds(pid) - (before[at] ?? 0),
    );
    const [one = 0, two = 1] = used.map(ns => ns / 20e6);
    lab.show({
      'in first': `${one.toFixed(1)} % of the processor`,
      'in second': `${two.toFixed(1)} %`,
    });
    return one / two;
  };
  const twoToOne = (ratio: number): boolean => ratio > 1.4 && ratio < 2.8;
  const ratio = await untilItFits(lab, look, twoToOne);
  lab.expect({
    claim: 'who has twice the shares gets twice the time',
    expected: 'about 2 : 1 (1.4 to 2.8)',
    observed: `${ratio.toFixed(2)} : 1`,
    holds: twoToOne(ratio),
  });
}

async function leaveOneAlone(lab: Lab, shell: HostShell, pid: number): Promise<void> {
  await shell.type('kill %1; sleep 0.3');
  const look = async (): Promise<number> =>
    (await measure(pid, () => pause(2000))).percent;
  const whole = (percent: number): boolean => percent > 70 && percent < 105;
  const percent = await untilItFits(lab, look, whole);
  lab.expect({
    claim: 'shares hold nobody back when nobody else asks',
    expected: 'about 100 % (70 to 105)',
    observed: `${percent.toFixed(1)} %`,
    holds: whole(percent),
  });
}
