/**
 * For experiment.test.ts: a run that is interrupted while it holds a folder, a link and a process.
 */
import { execFileSync } from 'node:child_process';
import { experiment, runExperiments } from '../experiment.ts';
import { record, settle } from '../ledger.ts';

// Of this process alone: one that was left by another run is in nobody's way.
const link = `slip${process.pid}`;

const stays = experiment('stays', 'What does not end', [], async lab => {
  await lab.scratch();
  const id = record({ kind: 'link', target: link });
  execFileSync('ip', ['link', 'add', link, 'type', 'bridge']);
  lab.hold({
    [Symbol.dispose]: () => {
      execFileSync('ip', ['link', 'delete', link]);
      settle(id);
    },
  });
  await lab.shell`sleep 1000`;
});

const next = experiment('next', 'never begun', [], async lab => lab.say('never begun'));

process.exitCode = await runExperiments({
  chapter: '09-tests',
  experiments: [stays, next],
  argv: [],
});
