// Experiment 3, net_cls: a number on every packet, and a filter that matches it.
// Sources: net_cls.rst in the kernel's documentation, nft(8) "meta cgroup".

import { experiment } from '@slipway/lab';
import { closeHierarchy, openHierarchy } from '../apparatus/old-hierarchy.ts';
import { showTwins } from '../apparatus/twins.ts';

export const netCls = experiment(
  'net-cls',
  'net_cls: a number on every packet',
  ['root', 'nftables', 'tool:busybox', 'tool:ip', 'namespace:net'],
  async lab => {
    const shell = await openHierarchy(lab, 'net_cls');
    lab.say(
      'The group gets the class 10:1. In a network of its own, a rule counts the ' +
        'packets with that number. (tc has a filter for it, too, where the kernel ' +
        'has cls_cgroup.)',
    );
    await shell.type('echo 0x100001 > net_cls.classid; cat net_cls.classid');
    await shell.type('ip link set lo up');
    await shell.type('nft add table ip lab');
    const hook = '{ type filter hook output priority 0; }';
    await shell.type(`nft add chain ip lab out '${hook}'`);
    await shell.type('nft add rule ip lab out meta cgroup 0x100001 counter');
    await shell.type('busybox ping -c 1 127.0.0.1 | grep received');
    const before = await shell.type('nft list chain ip lab out | grep -o packets.*');
    lab.say('The shell was outside of the group. Now it goes in:');
    await shell.type('echo $$ > cgroup.procs');
    await shell.type('busybox ping -c 2 127.0.0.1 | grep received');
    const after = await shell.type('nft list chain ip lab out | grep -o packets.*');
    await closeHierarchy(shell);
    const packets = [before, after].map(([line = '']) => line.split(' ')[1] ?? '?');
    lab.expect({
      claim: 'the rule matches what the group sends, and nothing else',
      expected: '0 packets before, 2 after',
      observed: `${packets[0]} packets before, ${packets[1]} after`,
      holds: packets[0] === '0' && packets[1] === '2',
    });
    showTwins(lab, 'v1', [
      ['net_cls.classid', '(none)', 'in v2: nft socket cgroupv2 "PATH"'],
    ]);
  },
);
