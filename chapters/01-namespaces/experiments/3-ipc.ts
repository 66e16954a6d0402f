// Experiment 3, IPC: queues made outside are not there inside.
//
// "Outside" is an IPC namespace of its own too: a System V queue outlives the process
// that made it, and none must be left on the reader's machine.
// Sources: ipc_namespaces(7), mq_overview(7).

import { experiment, type Lab } from '@slipway/lab';
import { startContainer } from './apparatus/conversation.ts';
import { toIsolate, unshare } from './apparatus/rights.ts';

export const ipc = experiment(
  'ipc',
  'Two kinds of queue, and where they end',
  [...toIsolate, 'tool:ipcmk', 'tool:ipcs'],
  async lab => {
    await systemV(lab);
    await posix(lab);
    await twoContainers(lab);
  },
);

/** A queue by number. */
async function systemV(lab: Lab): Promise<void> {
  lab.say(
    'System V queues have neither name nor file: any process that knows the key ' +
      'has the queue. Make one, then count them here, and one namespace further ' +
      'in.',
  );
  const { stdout } = await lab.shell`${unshare('--ipc')} bash -c '
    ipcmk --queue
    ipcs --queues | grep -c ^0x
    unshare --ipc ipcs --queues | grep -c ^0x'`;
  const [outside, inside] = stdout.split('\n').slice(1);
  lab.expect({
    claim: 'a System V queue made outside is not there inside',
    expected: '1 outside, 0 inside',
    observed: `${outside} outside, ${inside} inside`,
    holds: outside === '1' && inside === '0',
  });
}

/** A queue that is a file, and a mount that belongs to the namespace it was made in. */
async function posix(lab: Lab): Promise<void> {
  lab.say(
    'A POSIX queue has a name, and Linux shows it as a file in an mqueue mount. ' +
      'One is made, and looked for from a new IPC namespace: before that one has ' +
      'mounted mqueue itself, and after.',
  );
  const folder = await lab.scratch();
  const { stdout } =
    await lab.shell`cd ${folder}; ${unshare('--ipc', '--mount')} bash -c '
    mount -t mqueue mqueue .; cd .; touch jobs; ls
    unshare --ipc --mount bash -c "
      ls; mount -t mqueue mqueue .; cd .; ls | wc -l"'`;
  const [made, through, own] = stdout.split('\n');
  lab.say(
    'You know this trap by now. Through the old mount the old queues are still ' +
      'there, as the old processes were in the old /proc: what a mount shows was ' +
      'settled when it was made.',
  );
  lab.expect({
    claim: 'through the old mount the new namespace still sees the queue',
    expected: 'jobs',
    observed: String(through),
    holds: made === 'jobs' && through === 'jobs',
  });
  lab.expect({
    claim: 'in its own mqueue mount there is none',
    expected: '0',
    observed: String(own),
    holds: own === '0',
  });
}

/** Two containers of ours, side by side. */
async function twoContainers(lab: Lab): Promise<void> {
  lab.say('Two containers side by side. In the first one a queue is made:');
  const first = await startContainer(lab, ['--ipc']);
  await first.ask('ipcmk --queue');
  const queues = await first.ask('tail -n +2 /proc/sysvipc/msg | wc -l');
  lab.say('And in the second:');
  const second = await startContainer(lab, ['--ipc']);
  const none = await second.ask('tail -n +2 /proc/sysvipc/msg | wc -l');
  lab.expect({
    claim: "one container's queue is not the other's",
    expected: '1 and 0',
    observed: `${queues.join()} and ${none.join()}`,
    holds: queues.join() === '1' && none.join() === '0',
  });
}
