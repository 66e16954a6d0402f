// Experiment 3, net_prio: a priority for what a group sends, per network interface.
// Source: net_prio.rst in the kernel's documentation.

import { experiment } from '@slipway/lab';
import { closeHierarchy, openHierarchy } from '../apparatus/old-hierarchy.ts';
import { showTwins } from '../apparatus/twins.ts';

export const netPrio = experiment(
  'net-prio',
  'net_prio: who may send first',
  ['root', 'nftables', 'tool:busybox', 'tool:ip', 'namespace:net'],
  async lab => {
    const shell = await openHierarchy(lab, 'net_prio');
    lab.say(
      'What the group sends over lo gets priority 5. A rule counts such packets:',
    );
    await shell.type('echo "lo 5" > net_prio.ifpriomap');
    const [line = ''] = await shell.type('grep lo net_prio.ifpriomap');
    await shell.type('ip link set lo up; nft add table netdev lab');
    const hook = '{ type filter hook ingress device lo priority 0; }';
    await shell.type(`nft add chain netdev lab in '${hook}'`);
    await shell.type('nft add rule netdev lab in meta priority 5 counter');
    await shell.type('echo $$ > cgroup.procs');
    await shell.type('busybox ping -c 2 127.0.0.1 | grep received');
    const seen = await shell.type('nft list chain netdev lab in | grep -o packets.*');
    await closeHierarchy(shell);
    lab.expect({
      claim: 'the map of interfaces and priorities is taken',
      expected: 'lo 5',
      observed: line,
      holds: line === 'lo 5',
    });
    showTwins(lab, 'v1', [
      ['net_prio.ifpriomap', '(none)', 'in v2: nft socket cgroupv2 "PATH"'],
    ]);
    const packets = Number((seen[0] ?? '').split(' ')[1]);
    if (packets === 0) {
      lab.notRun('the kernel keeps the map, and sends the packets with priority 0');
    }
    lab.expect({
      claim: 'the packets carry it',
      expected: '2 or more',
      observed: String(packets),
      holds: packets >= 2,
    });
  },
);
