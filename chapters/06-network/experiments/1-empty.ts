// Experiment 1: a new network namespace holds one link, and that is down.
// Source: network_namespaces(7).

import { experiment } from '@slipway/lab';
import { run } from './apparatus/places.ts';

export const empty = experiment(
  'empty',
  'An empty network: only lo, and down',
  ['root', 'native', 'tool:ip', 'tool:unshare', 'tool:busybox'],
  async lab => {
    lab.say('A process in a network namespace of its own. What can it reach?');
    const { stdout } = await lab.shell`unshare --net sh -c '
      ip -br link; busybox ping -c 1 127.0.0.1'`;
    const first = stdout.split('\n').find(line => /^\w+ /.test(line));
    lab.expect({
      claim: 'there is one link, lo, and it is down',
      expected: 'lo DOWN',
      observed: first?.split(/\s+/).slice(0, 2).join(' ') ?? 'nothing',
      holds: first?.startsWith('lo') === true && /DOWN/.test(first),
    });
    lab.say('It cannot even reach itself. --network none is that, with lo raised:');
    const none = await lab.shell`${run} --network none -- sh -c '
      ip -br address; busybox ping -c 1 127.0.0.1 | grep received'`;
    lab.expect({
      claim: 'with lo up a container reaches itself, and nobody else',
      expected: '1 packets received',
      observed: /1 packets received/.exec(none.stdout)?.[0] ?? 'none',
      holds: none.stdout.includes('1 packets received'),
    });
  },
);
