// Experiment 2, control: stop a whole group, let it go on, and what SIGKILL does then.
//
// In version 1 SIGKILL waits for the thaw, in version 2 it does not: both are held.
// Sources: freezer-subsystem.rst and cgroup-v2.rst ("cgroup.freeze").

import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { experiment, type Lab } from '@slipway/lab';
import { openHostShell, type HostShell } from './apparatus/host-shell.ts';
import { directoryOf, makeGroup, need, worldOf } from './apparatus/lab-groups.ts';
import { runNanoseconds } from './apparatus/processor-time.ts';
import { showTwins } from './apparatus/twins.ts';

interface Stage {
  readonly lab: Lab;
  readonly shell: HostShell;
  readonly v1: boolean;
  readonly pid: number;
}

export const control = experiment(
  'control',
  'Control: frozen, and not even killed',
  ['root'],
  async lab => {
    need(lab, 'freezer');
    const group = await makeGroup(lab, {}, ['freezer']);
    const v1 = worldOf('freezer') === 'v1';
    const shell = await openHostShell(lab);
    await shell.type(`cd ${directoryOf(group, 'freezer')}`);
    const [started = ''] = await shell.type('while : ; do : ; done &');
    const pid = Number(/^\[\d+\] (\d+)$/.exec(started)?.[1]);
    await shell.type(`echo ${pid} > cgroup.procs`);
    const stage = { lab, shell, v1, pid };
    await freeze(stage);
    await killTheFrozen(stage);
    showTwins(lab, v1 ? 'v1' : 'v2', [
      ['freezer.state: FROZEN, THAWED', 'cgroup.freeze: 1, 0', 'the wish'],
      ['freezer.state', 'cgroup.events, frozen', 'what is'],
      ['(freeze, signal each, thaw)', 'cgroup.kill: 1', 'SIGKILL to all at once'],
    ]);
  },
);

async function freeze({ lab, shell, v1, pid }: Stage): Promise<void> {
  lab.say('A busy loop. A word is written, and it stands still, without a signal:');
  const before = runNanoseconds(pid);
  await pause(300);
  const running = runNanoseconds(pid) - before;
  await shell.type(v1 ? 'echo FROZEN > freezer.state' : 'echo 1 > cgroup.freeze');
  await pause(100);
  const stood = runNanoseconds(pid);
  await pause(400);
  const frozen = runNanoseconds(pid) - stood;
  await shell.type(v1 ? 'cat freezer.state' : 'grep frozen cgroup.events');
  lab.expect({
    claim: 'a frozen process gets no time at all',
    expected: 'some ms in 300 ms; then 0 ms in 400 ms',
    observed: `${ms(running)} ms; ${ms(frozen)} ms`,
    holds: running > 0 && frozen === 0,
  });
}

async function killTheFrozen({ lab, shell, v1, pid }: Stage): Promise<void> {
  lab.say('Nothing survives SIGKILL. Does it now? Predict.');
  await shell.type(`kill -9 ${pid}; sleep 0.3`);
  const state = stateOf(pid);
  lab.say(
    v1
      ? 'It is there. A signal is delivered by the process itself, on its way back ' +
          'from the kernel; a frozen one is not on its way anywhere. So a runtime ' +
          'that kills must also thaw.'
      : 'It is gone: the freezer of version 2 lets a process out to die. On version ' +
          '1 the signal waits until the group is thawed.',
  );
  lab.expect({
    claim: v1
      ? 'SIGKILL waits until the group is thawed'
      : 'SIGKILL ends a frozen process too',
    expected: v1 ? 'still there' : 'gone',
    observed: state === undefined ? 'gone' : `still there, state ${state}`,
    holds: (state !== undefined) === v1,
  });
  await shell.type(v1 ? 'echo THAWED > freezer.state' : 'echo 0 > cgroup.freeze');
  await pause(300);
  const after = stateOf(pid);
  lab.expect({
    claim: 'thawed, it is dead',
    expected: 'gone',
    observed: after === undefined ? 'gone' : `state ${after}`,
    holds: after === undefined,
  });
}

/** Undefined also for a zombie: it has ended, its parent has not looked yet. */
function stateOf(pid: number): string | undefined {
  if (!existsSync(`/proc/${pid}/status`)) return undefined;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const state = /^State:\t(\S)/m.exec(status)?.[1];
  return state === 'Z' || state === 'X' ? undefined : state;
}

function ms(nanoseconds: number): string {
  return (nanoseconds / 1e6).toFixed(0);
}
