// Experiment 6: a root has no kernel; and the host looks in by /proc/PID/root.
// Sources: proc_pid_root(5), uname(2).

import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { experiment } from '@slipway/lab';
import { background, run } from './run-command.ts';

export const kernel = experiment(
  'kernel',
  'What a root does not hold',
  ['root', 'native', 'tool:busybox'],
  async lab => {
    const root = `${await lab.scratch()}/box`;
    await lab.shell`${run} busybox ${root}.tar`;
    lab.say('A whole system in a tar. Look for its kernel:');
    const list = await lab.shell`tar -tf ${root}.tar | grep -c -e ^boot -e vmlinu`;
    const { stdout } = await lab.shell`${run} --rootfs ${root}.tar -- uname -r`;
    lab.expect({
      claim: 'there is none in it, and the one that answers is that of the host',
      expected: `0 files, ${release()}`,
      observed: `${list.stdout.trim()} files, ${stdout.trim()}`,
      holds: list.stdout.trim() === '0' && stdout.trim() === release(),
    });
    lab.say('And the host sees every file of every container, if it knows a pid:');
    await lab.shell`${run} busybox ${root}`;
    const { pid } = await background(lab, root);
    await lab.shell`ls /proc/${pid}/root; cat /proc/${pid}/root/etc/passwd`;
    const inside = readFileSync(`/proc/${pid}/root/etc/passwd`, 'utf8');
    const outside = readFileSync('/etc/passwd', 'utf8');
    lab.expect({
      claim: '/proc/PID/root is the root of that process, with its mounts',
      expected: 'another passwd than ours',
      observed: inside === outside ? 'our passwd' : 'another passwd than ours',
      holds: inside !== outside && inside.startsWith('root:'),
    });
  },
);
