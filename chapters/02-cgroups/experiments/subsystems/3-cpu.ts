// Experiment 3, cpu: the second strategy. Real-time processes have a budget of their
// own.
//
// Quota and shares, the first one, are experiments 1 and 2.
// Source: sched-rt-group.rst in the kernel's documentation.

import { existsSync } from 'node:fs';
import { experiment } from '@slipway/lab';
import { openHostShell } from '../apparatus/host-shell.ts';
import { directoryOf, makeGroup, need } from '../apparatus/lab-groups.ts';
import { showTwins } from '../apparatus/twins.ts';

export const cpu = experiment(
  'cpu',
  'cpu: real-time processes have a budget of their own',
  ['root', 'tool:chrt'],
  async lab => {
    need(lab, 'cpu');
    const group = await makeGroup(lab, {}, ['cpu']);
    const directory = directoryOf(group, 'cpu');
    if (!existsSync(`${directory}/cpu.rt_runtime_us`)) {
      lab.notRun(
        'this kernel has no cpu.rt_runtime_us: version 2 never has, and version 1 ' +
          'only with CONFIG_RT_GROUP_SCHED',
      );
    }
    const shell = await openHostShell(lab, { group });
    await shell.type(`cd ${directory}; cat cpu.rt_runtime_us`);
    lab.say(
      'A new group has 0 µs of real-time in every second. So root wants to be a ' +
        'real-time process (SCHED_FIFO) in it:',
    );
    const refused = await shell.type('chrt --fifo 1 echo real-time');
    const alone = await shell.type('echo 50000 > cpu.rt_runtime_us');
    lab.say('No group can have more than the one around it, and that has 0, too:');
    await shell.type('echo 50000 > ../cpu.rt_runtime_us');
    await shell.type('echo 50000 > cpu.rt_runtime_us');
    const granted = await shell.type('chrt --fifo 1 echo real-time');
    await shell.type('echo 0 > cpu.rt_runtime_us; echo 0 > ../cpu.rt_runtime_us');
    lab.expect({
      claim: 'a budget is taken from the budget of the group around it',
      expected: 'Invalid argument',
      observed: alone.join(' ').split(': ').at(-1) ?? '',
      holds: alone.join(' ').endsWith('Invalid argument'),
    });
    lab.expect({
      claim: 'without a budget no real-time process, with one it runs',
      expected: 'Operation not permitted, then real-time',
      observed: `${refused.join(' ').split(': ').at(-1)}, then ${granted.join(' ')}`,
      holds: /not permitted/.test(refused.join(' ')) && granted[0] === 'real-time',
    });
    showTwins(lab, 'v1', [
      ['cpu.rt_runtime_us', '(none)', 'real-time µs in each period'],
      ['cpu.rt_period_us', '(none)', 'that period, 1000000'],
    ]);
  },
);
