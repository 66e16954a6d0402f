// Experiment 10: what ARP, MAC and MTU look like, and why.
// Source: arp(7), RFC 826.

import { experiment } from '@slipway/lab';
import { addresses, makeWorld, type HostKind } from '../world/world.ts';
import { onHost } from './apparatus/places.ts';

export const frames = (kind: HostKind) =>
  experiment(
    'frames',
    'ARP, MAC, MTU: what is on the cable',
    ['root', 'native', 'nftables', 'tool:ip', 'tool:busybox'],
    async lab => {
      const world = lab.hold(await makeWorld(kind));
      lab.say(
        'The way out of the host takes packets of 1400 bytes at most. A container is ' +
          'started, and asked what it knows of its gateway:',
      );
      const { stdout } = await lab.shell`
        ${world.host.enter} ip link set wan0 mtu 1400
        ${world.host.enter} ip route add default via ${addresses.outside}
        ${onHost(world)} --network bridge --ip 172.30.0.10 -- sh -c '
          ip link show eth0; busybox ping -c 1 172.30.0.1 >/dev/null; ip neigh
          cat /sys/class/net/eth0/mtu'`;
      const mac = /link\/ether (\S+)/.exec(stdout)?.[1];
      lab.expect({
        claim:
          'the hardware address is made of the IP address: ac:1e:00:0a is 172.30.0.10',
        expected: '02:42:ac:1e:00:0a',
        observed: mac ?? 'none',
        holds: mac === '02:42:ac:1e:00:0a',
      });
      const gateway = /172\.30\.0\.1 dev eth0 lladdr (\S+)/.exec(stdout)?.[1];
      lab.expect({
        claim: 'ARP has found who has 172.30.0.1: the bridge',
        expected: '02:42:ac:1e:00:01',
        observed: gateway ?? 'nobody',
        holds: gateway === '02:42:ac:1e:00:01',
      });
      const mtu = /mtu (\d+)/.exec(stdout)?.[1];
      lab.say(
        'No packet that the container sends is too long for the way out: nothing has ' +
          'to ' +
          'be cut up, or silently lost where somebody drops the message that says so.',
      );
      lab.expect({
        claim: "the container's MTU is that of the way out",
        expected: '1400',
        observed: mtu ?? 'none',
        holds: mtu === '1400',
      });
    },
  );
