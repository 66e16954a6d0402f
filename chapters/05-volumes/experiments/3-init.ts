// Experiment 3: who mounts the volumes? A process that is PID 1 before the application
// is, and becomes it. Sources: execve(2), proc_pid_stat(5), proc_pid_exe(5).
// What /proc says of it is read twice, from outside.

import { readFileSync, readlinkSync } from 'node:fs';
import { experiment } from '@slipway/lab';
import { prepare, start } from './run-command.ts';

export const init = experiment(
  'init',
  'The init becomes the application: PID 1 before and after execve',
  ['root', 'native', 'tool:busybox'],
  async lab => {
    const { root, home } = await prepare(lab);
    lab.say(
      'The root is made ready by a process of the runtime (Docker called it ' +
        'dockerinit; here it is slipway-init), never by the application. We stop it ' +
        'when the volumes are mounted, look at it, let it go, and look again:',
    );
    const looks: Look[] = [];
    const child = await start(root, {
      volumes: [`${home}:/test`],
      beforePivot: ({ pid }) => looks.push(look('before execve', pid)),
    });
    lab.hold(child);
    looks.push(look('after execve', child.pid));
    lab.show(looks.map(one => ({ ...one })));
    const [before, after] = looks;
    const same = before?.pid === after?.pid && before?.started === after?.started;
    lab.expect({
      claim: 'one process: the same pid since the same moment, and PID 1 inside',
      expected: 'same pid, same start time, 1 inside',
      observed:
        `${same ? 'same pid, same start time' : 'two processes'}, ` +
        `${before?.inside} and ${after?.inside} inside`,
      holds: same && before?.inside === 1 && after?.inside === 1,
    });
    lab.expect({
      claim: 'another program: execve replaces what runs, not who runs',
      expected: 'slipway-init, then busybox',
      observed: `${before?.exe}, then ${after?.exe}`,
      holds: before?.exe.includes('slipway-init') === true && after?.comm === 'sleep',
    });
    lab.say(
      'So nothing of the runtime is left in the container: no process, no file. ' +
        'The init itself came from a sealed file in memory, which no container can ' +
        'change.',
    );
  },
);

interface Look {
  readonly when: string;
  readonly pid: number;
  readonly inside: number;
  readonly comm: string;
  /** Clock ticks since the machine was started. */
  readonly started: string;
  readonly exe: string;
}

function look(when: string, pid: number): Look {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const pids = /^NSpid:\s*(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
  return {
    when,
    pid,
    inside: Number(pids.at(-1)),
    comm: readFileSync(`/proc/${pid}/comm`, 'utf8').trim(),
    started: fields[19] ?? '',
    exe: readlinkSync(`/proc/${pid}/exe`),
  };
}
