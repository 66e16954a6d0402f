// Experiment 6: a published port, from everywhere, over TCP and UDP, IPv4 and IPv6.
// - from a client, from the host itself in four ways, and from a neighbour
// Source: nft(8), dnat; docker-run(1).

import { experiment, type Lab } from '@slipway/lab';
import { addresses, makeWorld, type HostKind, type World } from '../world/world.ts';
import { onHost, start, whoServer } from './apparatus/places.ts';

export const publish = (kind: HostKind) =>
  experiment(
    'publish',
    'A published port, from everywhere',
    [
      ...(['root', 'native', 'nftables', 'tool:ip'] as const),
      ...(['tool:busybox', 'tool:curl', 'tool:perl'] as const),
    ],
    async lab => {
      const world = lab.hold(await makeWorld(kind));
      await overTcp(lab, world);
      await overUdp(lab, world);
    },
  );

async function overTcp(lab: Lab, world: World): Promise<void> {
  lab.say('A web server in a container, which says who has asked. It is published:');
  const options = ['--network', 'bridge', '--ip', '172.30.0.10', '-p', '8080:80'];
  const web = { table: 'tcp6', port: 80 } as const;
  await start(lab, world, options, await whoServer(lab), web);
  const { client, host } = world;
  const path = ':8080/cgi-bin/who';
  const curl = ['curl', '-sgm', '5'];
  const { stdout } = await lab.shell`
    ${client.enter} ${curl} http://${addresses.hostInside}${path}
    ${client.enter} ${curl} 'http://[${addresses.hostInside6}]${path}'
    ${host.enter} ${curl} http://${addresses.hostOutside}${path}
    ${host.enter} ${curl} http://127.0.0.1${path}
    ${host.enter} ${curl} 'http://[::1]${path}'
    ${onHost(world)} --network bridge -- ${curl} http://${addresses.hostOutside}${path}`;
  const seen = stdout
    .trim()
    .split('\n')
    .map(line => line.replace('you are ', ''));
  lab.say(
    'Who from afar asks keeps its address: only the destination is changed. From ' +
      '127.0.0.1 that cannot be: the answer would go to the container itself. ::1 is ' +
      'passed on by a socket of ours. And for a neighbour the host speaks, too: else ' +
      'the ' +
      'answer would come straight from somebody whom it did not ask.',
  );
  const expected = [
    ['from the client, IPv4', addresses.client],
    ['from the client, IPv6', addresses.client6],
    ["from the host's own address", addresses.hostOutside],
    ['from 127.0.0.1', '172.30.0.1'],
    ['from ::1', 'fd53:6c69:ac1e::1'],
    ['from a neighbour (hairpin)', '172.30.0.1'],
  ] as const;
  for (const [index, [claim, who]] of expected.entries()) {
    const observed = seen[index] ?? 'no answer';
    lab.expect({ claim, expected: who, observed, holds: observed === who });
  }
}

const echo =
  'use IO::Socket; my $s = IO::Socket::INET->new(LocalPort => $ARGV[0], Proto => ' +
  '"udp");' +
  'while (defined $s->recv(my $m, 99)) { $s->send("you are " . $s->peerhost) }';
const ask =
  'use IO::Socket; my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], Proto => ' +
  '"udp");' +
  '$SIG{ALRM} = sub { print "no answer\n"; exit }; alarm 3; $s->send("who"); ' +
  '$s->recv(my $m, 99); print "$m\n"';

async function overUdp(lab: Lab, world: World): Promise<void> {
  lab.say('The same over UDP, and a range: 9000 to 9002 are 5300 to 5302 in there.');
  const options = ['--network', 'bridge', '-p', '9000-9002:5300-5302/udp'];
  const udp = { table: 'udp', port: 5302 } as const;
  await start(lab, world, options, ['perl', '-e', echo, '5302'], udp);
  const { stdout } = await lab.shell`
    ${world.client.enter} perl -e ${ask} ${addresses.hostInside}:9002`;
  const observed = stdout.trim();
  lab.expect({
    claim: 'a UDP port in a range, and the address of who asks',
    expected: `you are ${addresses.client}`,
    observed,
    holds: observed === `you are ${addresses.client}`,
  });
}
