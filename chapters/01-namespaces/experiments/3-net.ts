// Experiment 3, net: a network of its own is an empty one.
// Source: network_namespaces(7).

import { readFileSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { startContainer } from './conversation.ts';
import { toIsolate, unshare } from './rights.ts';

export const net = experiment(
  'net',
  'Not even localhost',
  [...toIsolate, 'tool:ip'],
  async lab => {
    await callLocalhost(lab);
    await lookFromOutside(lab);
  },
);

/** Who is unreachable, and who refuses? */
async function callLocalhost(lab: Lab): Promise<void> {
  lab.say(
    'A network namespace is not a copy: it starts new. Which devices does it have, ' +
      'and does 127.0.0.1 answer in there? Nobody listens on port 9, so "refused" ' +
      'would be the answer of a network that works.',
  );
  await lab.shell`${unshare('--net')} ip link`;
  const down = await lab.shell`${unshare('--net')} bash -c '
    : < /dev/tcp/127.0.0.1/9'`;
  lab.say('There is lo, and it is down: not even this machine itself is reachable.');
  const up = await lab.shell`${unshare('--net')} bash -c '
    ip link set lo up
    : < /dev/tcp/127.0.0.1/9'`;
  lab.say(
    'Now it is refused, so somebody was there to refuse. We may set lo up because ' +
      'we own this network. A way out of it is another chapter: the sixth.',
  );
  const [first, second] = [down, up].map(({ stderr }) => reasonIn(stderr));
  lab.expect({
    claim: 'localhost is unreachable until lo is up',
    expected: 'Network is unreachable, then Connection refused',
    observed: `${first}, then ${second}`,
    holds: first === 'Network is unreachable' && second === 'Connection refused',
  });
}

/** /proc/PID/net is that process's network, also for a reader outside. */
async function lookFromOutside(lab: Lab): Promise<void> {
  const container = await startContainer(lab, ['--net']);
  const [line = ''] = await container.ask('ip link');
  const flags = /<(.*?)>/.exec(line)?.[1]?.split(',') ?? [];
  const devices = devicesOf(container.pid);
  lab.show({ 'its devices': devices.join(' '), ours: devicesOf('self').join(' ') });
  lab.expect({
    claim: 'the container has only lo, and it is down',
    expected: 'lo, down',
    observed: `${devices.join(' ')}, ${flags.includes('UP') ? 'up' : 'down'}`,
    holds:
      devices.join() === 'lo' && flags.includes('LOOPBACK') && !flags.includes('UP'),
  });
}

/** The names in the first column of /proc/PID/net/dev. */
function devicesOf(pid: number | 'self'): readonly string[] {
  const table = readFileSync(`/proc/${pid}/net/dev`, 'utf8');
  return [...table.matchAll(/^\s*([^\s:]+):/gm)].map(([, name = '']) => name);
}

/** bash ends its complaint with the kernel's reason. */
function reasonIn(complaint: string): string {
  return complaint.trim().split(': ').at(-1) ?? '';
}
