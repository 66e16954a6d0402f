// Experiment 4: one kernel for all.
//
// Versions can be the same by chance; a boot id is drawn by each kernel that starts.
// Sources: uname(2), random(4) for boot_id.

import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { experiment } from '@slipway/lab';
import { startContainer } from './apparatus/conversation.ts';
import { toIsolate } from './apparatus/rights.ts';

export const kernel = experiment(
  'kernel',
  'Eight walls, and no floor of its own',
  [...toIsolate, 'user-namespace', 'namespace:time'],
  async lab => {
    lab.say(
      'This container has all eight namespaces. Which kernel runs it? A version ' +
        'could be the same by chance, so ask for the boot id too: every kernel ' +
        'draws one when it starts.',
    );
    await lab.shell`uname -r; cat /proc/sys/kernel/random/boot_id`;
    const container = await startContainer(lab, ['--all', '--hostname', 'box']);
    const [version] = await container.ask('uname -r');
    const [boot] = await container.ask('cat /proc/sys/kernel/random/boot_id');
    lab.say(
      'It is the same kernel: not another copy of it, but this one, with this ' +
        'uptime and these bugs. A namespace changes what a process sees, never who ' +
        'answers.',
    );
    const here = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    lab.expect({
      claim: 'inside all eight namespaces the kernel is still ours',
      expected: `${release()}, boot ${here.slice(0, 8)}`,
      observed: `${version}, boot ${boot?.slice(0, 8)}`,
      holds: version === release() && boot === here,
    });
  },
);
