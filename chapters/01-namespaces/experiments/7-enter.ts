// Experiment 7: a second process in the same container; what `docker exec` is.
//
// - the trap: whoever enters by halves has no number in the /proc that it sees
// - entered whole, with nsenter(1) and with our runtime: the same eight inodes
//
// Sources: setns(2), nsenter(1).

import { experiment, type Lab } from '@slipway/lab';
import { enterContainer } from '../container/enter.ts';
import { differing, kinds, readNamespaces } from '../container/namespaces.ts';
import { startContainer, type Container } from './apparatus/conversation.ts';
import { pidsOf } from './apparatus/process-status.ts';
import { nsenter, toIsolate } from './apparatus/rights.ts';

export const enter = experiment(
  'enter',
  'How to get into something that does not exist',
  [...toIsolate, 'tool:nsenter'],
  async lab => {
    lab.say(
      'There is no container to enter, only a process with views of its own. So a ' +
        'second process takes the same views, one by one, from its /proc/PID/ns.',
    );
    const flags = ['--pid', '--mount', '--uts', '--ipc', '--net', '--hostname', 'box'];
    const container = await startContainer(lab, flags);
    await enterByHalf(lab, container);
    await enterWhole(lab, container);
    await compareViews(lab, container);
  },
);

/** With the container's mounts and our own PID namespace: nobody in that /proc. */
async function enterByHalf(lab: Lab, { pid }: Container): Promise<void> {
  lab.say(
    'First only one of them: the mounts. Who does such a half-guest think it is?',
  );
  const half = await lab.shell`${nsenter(pid, '--mount')} sh -c '
    echo "I am $$"; ls -d /proc/self/ /proc/$$'`;
  lab.say(
    'It has a number, and the /proc that it sees does not know it: that one ' +
      "belongs to the container's PID namespace, in which the half-guest is " +
      'nobody.',
  );
  lab.expect({
    claim:
      "the container's /proc has no entry for a process that entered only by mounts",
    expected: 'no /proc/self',
    observed: half.stdout.includes('/proc/self/') ? '/proc/self' : 'no /proc/self',
    holds: !half.stdout.includes('/proc/self/') && half.exitCode !== 0,
  });
}

async function enterWhole(lab: Lab, container: Container): Promise<void> {
  lab.say(
    'Now all five. (nsenter forks by itself: a PID namespace takes only children.)',
  );
  const all = ['--mount', '--uts', '--ipc', '--net', '--pid'];
  const { stdout } = await lab.shell`${nsenter(container.pid, ...all)} sh -c '
    hostname; ps -e -o pid,comm'`;
  const [name, , first] = stdout.split('\n');
  lab.expect({
    claim: 'it has the name of the container, and sees its process 1',
    expected: 'box, 1 busybox',
    observed: `${name}, ${first?.trim()}`,
    holds: name === 'box' && /^\s*1 busybox$/.test(first ?? ''),
  });
}

/** What our runtime does for `run.ts enter PID`, and the inodes that prove it. */
async function compareViews(lab: Lab, container: Container): Promise<void> {
  lab.show([
    '$ npx tsx chapters/01-namespaces/run.ts \\',
    `    enter ${container.pid} -- busybox sleep 60`,
  ]);
  const guest = lab.hold(
    await enterContainer(container.pid, {
      argv: ['busybox', 'sleep', '60'],
      env: ['PATH=/usr/bin:/bin'],
      stdio: ['null', 'null', 'null'],
    }),
  );
  await container.ask('ps');
  const [ours, its] = [readNamespaces(container.pid), readNamespaces(guest.pid)];
  lab.show(
    kinds.map(({ kind, link }) => ({
      view: link,
      [`sh (${container.pid})`]: String(ours.get(kind)),
      [`sleep (${guest.pid})`]: String(its.get(kind)),
    })),
  );
  lab.expect({
    claim: 'both processes have the same eight views',
    expected: 'no view differs',
    observed: `${differing(ours, its).join(' ') || 'no view'} differs`,
    holds: differing(ours, its).length === 0 && ours.size === kinds.length,
  });
  const inner = pidsOf(guest.pid).at(-1);
  lab.expect({
    claim: 'the second process has a number inside, and it is not 1',
    expected: 'two numbers, the inner one above 1',
    observed: pidsOf(guest.pid).join(' '),
    holds: pidsOf(guest.pid).length === 2 && inner !== undefined && inner > 1,
  });
}
