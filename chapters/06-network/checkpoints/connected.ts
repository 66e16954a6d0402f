// Checkpoints about being connected: a namespace, a cable, addresses.
// - `connectedCheckpoints`: each starts a container, and asks its namespace
// Sources: network_namespaces(7), veth(4).

import { unless, type Checkpoint, type Subject } from '@slipway/lab/checkpoint.ts';
import type { World } from '../world/world.ts';
import { inside, inWorld, linkIn, startOn } from './prepared.ts';

const needs = ['root', 'native', 'nftables', 'tool:ip', 'tool:busybox'] as const;

export const connectedCheckpoints: readonly Checkpoint[] = [
  {
    id: 'own-network',
    sentence: '--network none is a network of its own with lo raised and nothing else',
    needs,
    examine: inWorld(ownNetwork),
  },
  {
    id: 'connected',
    sentence: 'a container has an end of a cable with its address and a way out',
    needs,
    examine: inWorld(connected),
  },
  {
    id: 'pool',
    sentence: 'no two containers have one address, however the pool was used before',
    needs,
    examine: inWorld(pool),
  },
];

async function ownNetwork(subject: Subject): Promise<void> {
  await using running = await startOn(subject, ['--network', 'none'], 'not-started');
  unless(
    linkIn(running.application, 'lo')?.up === true,
    'lo-down',
    'lo is down: the container cannot even reach itself. A new network is born so.',
  );
}

async function connected(subject: Subject, world: World): Promise<void> {
  const options = ['--network', 'bridge', '--ip', '172.30.0.10'];
  await using running = await startOn(subject, options, 'cable-left-behind');
  void world;
  const eth0 = linkIn(running.application, 'eth0');
  unless(
    eth0 !== undefined,
    'no-cable',
    'there is no eth0 in the container\n' +
      'one end of the veth has to be born in its namespace (IFLA_NET_NS_FD).',
  );
  const addresses = inside(running.application, 'ip', '-4', '-o', 'address');
  unless(
    addresses.includes('172.30.0.10/'),
    'no-address',
    `eth0 has no address 172.30.0.10: ${addresses}\n` +
      'RTM_NEWADDR through a socket of that namespace, when the link is there.',
  );
  unless(
    eth0?.mac === '02:42:ac:1e:00:0a',
    'wrong-mac',
    `its hardware address is ${eth0?.mac}, not 02:42 and the bytes of its IP\n` +
      'two containers with one MAC get one another’s frames: make it of what is ' +
      'unique.',
  );
  unless(
    inside(running.application, 'ip', 'route').startsWith('default via 172.30.0.1'),
    'no-route',
    'there is no default route: only neighbours can be reached. The gateway is the ' +
      'address of the bridge.',
  );
}

async function pool(subject: Subject): Promise<void> {
  const blue = ['--network', 'blue', '--subnet', '10.9.0.0/29'];
  await using first = await startOn(subject, blue, 'not-started');
  // The last address of the pool: whoever comes next has to begin anew.
  const last = await startOn(subject, [...blue, '--ip', '10.9.0.6'], 'not-started');
  await using held = last;
  await using third = await startOn(subject, blue, 'pool-forgets');
  const containers = [first, held, third];
  const seen = containers.map(({ application }) =>
    inside(application, 'ip', '-4', '-o', 'address', 'show', 'eth0'),
  );
  const addresses = seen.map(text => /inet ([\d.]+)/.exec(text)?.[1]);
  unless(
    new Set(addresses).size === 3,
    'double-lease',
    `three containers have ${addresses.join(', ')}\n` +
      'at the end of the pool begin again, and skip what somebody has.',
  );
}
