// Experiment 3, freezer: who freezes a group freezes all below it.
// Source: freezer-subsystem.rst in the kernel's documentation.

import { mkdirSync } from 'node:fs';
import { experiment } from '@slipway/lab';
import { openHostShell } from '../apparatus/host-shell.ts';
import { directoryOf, makeGroup, need, worldOf } from '../apparatus/lab-groups.ts';
import { showTwins } from '../apparatus/twins.ts';

export const freezer = experiment(
  'freezer',
  'freezer: what is below freezes, too',
  ['root'],
  async lab => {
    need(lab, 'freezer');
    const group = await makeGroup(lab, {}, ['freezer']);
    const v1 = worldOf('freezer') === 'v1';
    const directory = directoryOf(group, 'freezer');
    mkdirSync(`${directory}/inner`);
    const shell = await openHostShell(lab);
    await shell.type(`cd ${directory}`);
    await shell.type('sleep 60 &');
    await shell.type('echo $! > inner/cgroup.procs');
    lab.say('A sleeper in a group inside another one. The outer one is frozen:');
    await shell.type(v1 ? 'echo FROZEN > freezer.state' : 'echo 1 > cgroup.freeze');
    await shell.type('sleep 0.2');
    const answer = await shell.type(
      v1
        ? 'cat inner/freezer.self_freezing inner/freezer.state'
        : 'cat inner/cgroup.freeze; grep frozen inner/cgroup.events',
    );
    await shell.type(v1 ? 'echo THAWED > freezer.state' : 'echo 0 > cgroup.freeze');
    const expected = v1 ? '0 FROZEN' : '0 frozen 1';
    lab.expect({
      claim: 'the inner group did not ask for it, and is frozen',
      expected,
      observed: answer.join(' '),
      holds: answer.join(' ') === expected,
    });
    showTwins(lab, worldOf('freezer'), [
      ['freezer.self_freezing', 'cgroup.freeze', 'asked for here'],
      ['freezer.parent_freezing', '(none)', 'asked for above'],
      ['freezer.state', 'cgroup.events, frozen', 'what is'],
    ]);
  },
);
