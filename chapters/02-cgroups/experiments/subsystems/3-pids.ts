// Experiment 3, pids: how many processes there may be.
// Source: pids.rst in the kernel's documentation.

import { experiment } from '@slipway/lab';
import { openHostShell } from '../apparatus/host-shell.ts';
import {
  directoryOf,
  makeGroup,
  need,
  setShown,
  worldOf,
} from '../apparatus/lab-groups.ts';
import { showTwins } from '../apparatus/twins.ts';

export const pids = experiment(
  'pids',
  'pids: a fork bomb that fizzles',
  ['root', 'tool:busybox'],
  async lab => {
    need(lab, 'pids');
    const group = await makeGroup(lab, {}, ['pids']);
    const shell = await openHostShell(lab, { group });
    lab.say('At most five processes. A shell (that makes two) wants to start six:');
    setShown(lab, group, { pids: 5 });
    const six = 'for i in 1 2 3 4 5 6; do sleep 0.3 & done';
    const answer = await shell.type(`busybox sh -c '${six}'`);
    await shell.type(`cd ${directoryOf(group, 'pids')}`);
    await shell.type('cat pids.events pids.current');
    const { refused = 0 } = group.stats().pids ?? {};
    lab.expect({
      claim: 'the kernel refuses the fork, and counts the refusal',
      expected: "can't fork; one or more refused",
      observed: `${answer.at(-1)}; ${refused} refused`,
      holds: /fork/.test(answer.join(' ')) && refused >= 1,
    });
    showTwins(lab, worldOf('pids'), [
      ['pids.max', 'pids.max', 'the limit'],
      ['pids.current', 'pids.current', 'threads count, too'],
      ['pids.events, max', 'pids.events, max', 'how often a fork was refused'],
    ]);
  },
);
