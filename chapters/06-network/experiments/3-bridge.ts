// Experiment 3: a bridge is a switch: containers on it hear each other.
// Source: bridge(8).

import { experiment } from '@slipway/lab';
import { makeWorld, type HostKind } from '../world/world.ts';
import { onHost, start } from './apparatus/places.ts';

export const bridge = (kind: HostKind) =>
  experiment(
    'bridge',
    'A bridge: two containers talk',
    ['root', 'native', 'nftables', 'tool:ip', 'tool:busybox'],
    async lab => {
      const world = lab.hold(await makeWorld(kind));
      lab.say(
        'From here on there are three networks beside yours: a client, a host and ' +
          'the ' +
          'outside, in a row. Two containers on the host:',
      );
      await start(lab, world, ['--network', 'bridge', '--ip', '172.30.0.10']);
      const { enter } = world.host;
      const second = await lab.shell`${onHost(world)} --network bridge -- sh -c '
        ip -br address; ip route; busybox ping -c 1 172.30.0.10 | grep received'`;
      lab.expect({
        claim: 'one container reaches the other',
        expected: '1 packets received',
        observed: /1 packets received/.exec(second.stdout)?.[0] ?? 'none',
        holds: second.stdout.includes('1 packets received'),
      });
      lab.say('The second one has ended. How many cables are plugged in now?');
      const links = await lab.shell`${enter} ip -br link show master slipway0`;
      const cables = links.stdout.trim().split('\n').filter(Boolean).length;
      lab.expect({
        claim: 'the second container is gone, and its cable with it',
        expected: '1 cable',
        observed: `${cables} cable${cables === 1 ? '' : 's'}`,
        holds: cables === 1,
      });
    },
  );
