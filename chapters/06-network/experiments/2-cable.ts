// Experiment 2: a veth is a cable with two ends, and dies with either.
// Source: veth(4).

import { experiment } from '@slipway/lab';

export const cable = experiment(
  'cable',
  'A cable between two networks',
  ['root', 'tool:ip', 'tool:unshare', 'tool:nsenter', 'tool:busybox'],
  async lab => {
    lab.say(
      'Two networks, one inside the shell and one that a sleeping process holds. A ' +
        'veth has two ends; one of them is born over there:',
    );
    const { stdout } = await lab.shell`unshare --net sh -c '
      unshare --net sleep 60 & other=$!; sleep 0.3
      ip link add left type veth peer name right netns $other
      ip address add 10.0.0.1/24 dev left; ip link set left up
      nsenter --target $other --net ip address add 10.0.0.2/24 dev right
      nsenter --target $other --net ip link set right up
      busybox ping -c 1 10.0.0.2 | grep received
      ip neigh show 10.0.0.2
      kill $other; wait
      for i in 1 2 3 4 5 6 7 8 9; do ip -br link show left 2>&1 | grep -q left@ || break
        sleep 0.3; done
      ip -br link show left'`;
    lab.expect({
      claim: 'what goes in at one end comes out at the other',
      expected: '1 packets received',
      observed: /1 packets received/.exec(stdout)?.[0] ?? 'none',
      holds: stdout.includes('1 packets received'),
    });
    const still = stdout.trim().split('\n').at(-1)?.startsWith('left@') ?? false;
    lab.say(
      'The process was all that held the other network. With it went the network, ' +
        'with the network its end, and with that the other end. Nobody had to clean ' +
        'up.',
    );
    lab.expect({
      claim: 'the cable is gone with the last process of the other network',
      expected: 'no link left',
      observed: still ? 'left is there' : 'no link left',
      holds: !still,
    });
  },
);
