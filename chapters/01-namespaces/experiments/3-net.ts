// Experiment 3, net: a network of its own is an empty one.
//
// - the trap: not even 127.0.0.1 answers, for lo is down
// - the container's devices, read from outside in /proc/PID/net/dev
//
// Source: network_namespaces(7).

import { readFileSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { startContainer } from './apparatus/conversation.ts';
import { toIsolate, unshare } from './apparatus/rights.ts';

export const net = experiment(
  'net',
  'Not even localhost',
  [...toIsolate, 'tool:ip'],
  async lab => {
    await callLocalhost(lab);
    await lookFromOutside(lab);
  },
);

/** Silence first, an answer then. */
async function callLocalhost(lab: Lab): Promise<void> {
  lab.say(
    'A network namespace is not a copy: it starts new. Which devices does it have, ' +
      'and does 127.0.0.1 answer in there?',
  );
  await lab.shell`${unshare('--net')} ip link`;
  const down = await lab.shell`${unshare('--net')} busybox ping -c 1 127.0.0.1`;
  lab.say(
    'There is lo, and it is down. Not even the machine itself is reachable. But this ' +
      'network is ours, so we may set it up:',
  );
  const up = await lab.shell`${unshare('--net')} sh -c '
    ip link set lo up
    busybox ping -c 1 127.0.0.1'`;
  lab.say(
    'So much for talking to itself. A way out of it is another chapter: the sixth.',
  );
  const first = down.stderr.trim().split(': ').at(-1);
  const answered = /(\d+) packets received/.exec(up.stdout)?.[1];
  lab.expect({
    claim: 'localhost is unreachable until lo is up',
    expected: 'Network is unreachable, then 1 answer',
    observed: `${first}, then ${answered ?? 0} answer`,
    holds: first === 'Network is unreachable' && answered === '1',
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
