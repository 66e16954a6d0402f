// Experiment 7: who may reach whom, and what other people's rules see.
// - two networks; a port at 127.0.0.1; an administrator who closes a port
// Source: "Netfilter hooks" on wiki.nftables.org.

import { experiment, type Lab } from '@slipway/lab';
import { addresses, makeWorld, type HostKind, type World } from '../world/world.ts';
import { onHost, start, whoServer } from './apparatus/places.ts';

const curl = ['curl', '-sgm', '2'];
const path = '/cgi-bin/who';

export const firewall = (kind: HostKind) =>
  experiment(
    'firewall',
    'Two networks, one port, and a rule that does not see it',
    ['root', 'native', 'nftables', 'tool:ip', 'tool:busybox', 'tool:curl'],
    async lab => {
      const world = lab.hold(await makeWorld(kind));
      const ports = ['-p', '8080:80', '-p', '127.0.0.1:8081:80'];
      const options = ['--network', 'bridge', '--ip', '172.30.0.10', ...ports];
      const web = { table: 'tcp6', port: 80 } as const;
      await start(lab, world, options, await whoServer(lab), web);
      await apart(lab, world);
      await whereItWasTold(lab, world);
      await otherRules(lab, world);
    },
  );

async function apart(lab: Lab, world: World): Promise<void> {
  lab.say('A container of another network on the same host asks the first one:');
  const blue = ['--network', 'blue', '--subnet', '10.9.0.0/24'];
  const { stdout } = await lab.shell`${onHost(world)} ${blue} -- sh -c '
    ${curl} http://172.30.0.10${path} || echo refused
    ${curl} http://${addresses.hostOutside}:8080${path}'`;
  const [direct, published] = stdout.trim().split('\n');
  lab.expect({
    claim: 'two networks cannot reach each other, but what is published is for all',
    expected: 'refused, you are 172.30.0.1',
    observed: `${direct}, ${published}`,
    holds: direct === 'refused' && published === 'you are 172.30.0.1',
  });
}

async function whereItWasTold(lab: Lab, world: World): Promise<void> {
  lab.say('8081 was published at 127.0.0.1 only. From the client, and by a trick:');
  const { client, host } = world;
  const reach = `http://127.0.0.1:8081${path}`;
  const trick = lab.shell`
    ${host.enter} ${curl} ${reach}
    ${client.enter} ${curl} http://${addresses.hostInside}:8081${path} || echo refused
    ${client.enter} sh -c 'ip address delete 127.0.0.1/8 dev lo
      echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet
      ip route add 127.0.0.1 via ${addresses.hostInside}'
    ${client.enter} ${curl} ${reach} || echo refused`;
  const lines = (await trick).stdout.trim().split('\n');
  lab.say(
    'The client has made 127.0.0.1 an address that lies behind the host. Such a ' +
      'packet ' +
      'would be thrown away by routing, but its destination is changed before. So a ' +
      'rule ' +
      'stands before that one. Without it:',
  );
  const naive = await lab.shell`
    ${host.enter} nft flush chain inet slipway guard
    ${client.enter} ${curl} ${reach} || echo refused`;
  const observed = [lines[1], lines[2], naive.stdout.trim()].join(', ');
  lab.expect({
    claim: 'a port at 127.0.0.1 is for this machine, and only the guard makes it so',
    expected: `refused, refused, you are ${addresses.client}`,
    observed,
    holds: observed === `refused, refused, you are ${addresses.client}`,
  });
}

async function otherRules(lab: Lab, world: World): Promise<void> {
  lab.say('An administrator closes port 8080, as ufw does it, in the input chain:');
  const { client, host } = world;
  const url = `http://${addresses.hostInside}:8080${path}`;
  const { stdout } = await lab.shell`
    ${host.enter} nft 'table inet other { chain input {
      type filter hook input priority 0
      tcp dport 8080 counter drop
    }; }'
    ${client.enter} ${curl} ${url} || echo refused
    ${host.enter} nft 'table inet other { chain forward {
      type filter hook forward priority 0
      meta l4proto tcp ct original proto-dst 8080 counter drop
    }; }'
    ${client.enter} ${curl} ${url} || echo refused
    ${host.enter} nft delete table inet other`;
  lab.say(
    'The packet never came by "input": its destination had become a container, and ' +
      'it ' +
      'was only passing through. In "forward" it is seen, with port 80 by then; the ' +
      'port ' +
      'that was asked for is what the connection remembers (ct original).',
  );
  const observed = stdout.trim().split('\n').join(', ');
  lab.expect({
    claim: 'a rule for input does not see a published port, one for forward does',
    expected: `you are ${addresses.client}, refused`,
    observed,
    holds: observed === `you are ${addresses.client}, refused`,
  });
}
