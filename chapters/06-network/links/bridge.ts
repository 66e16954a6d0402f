// A bridge: a switch made of software. Links that belong to it are its ports.
//
// - `newBridge(name, mtu, mac)`: made and up, in one message
// - `setHairpin(port)`: what came in by a port may leave by it
// - `isolate(port)`: its neighbours neither see it nor are seen
//
// It learns behind which port a hardware address lives, and sends there only. It is a
// link itself, too: with an address of its own it is the host's foot in that network,
// and the containers' gateway. Source: bridge(8), linux/if_link.h.

import { attribute, flag, type NetlinkMessage } from '@slipway/native';
import { iff, ifla, linkBody, rtm } from './messages.ts';

export function newBridge(name: string, mtu: number, mac: Uint8Array): NetlinkMessage {
  const { text, u32, bytes, nest } = attribute;
  return {
    type: rtm.newLink,
    flags: flag.create | flag.exclusive,
    body: linkBody(0, iff.up),
    shown: `RTM_NEWLINK ${name} type bridge`,
    attributes: [
      text(ifla.name, name),
      u32(ifla.mtu, mtu),
      // Without one of its own a bridge takes the lowest of its ports, and changes it
      // whenever a container comes or goes: everybody's ARP entry would be wrong.
      bytes(ifla.address, mac),
      nest(ifla.info, [text(ifla.kind, 'bridge')]),
    ],
  };
}

/**
 * `bridge link set dev PORT hairpin on`
 *
 * A container that asks for what it has published itself: where the bridge shows its
 * frames to the firewall (br_netfilter), the answer leaves by the port it came in by.
 */
export function setHairpin(port: string): NetlinkMessage {
  return setPort(port, 'hairpin', ifla.portMode);
}

/**
 * `bridge link set dev PORT isolated on`
 *
 * Between two isolated ports nothing passes, not even the question who has an address;
 * with the bridge itself, so with the host and what lies behind it, all goes on.
 */
export function isolate(port: string): NetlinkMessage {
  return setPort(port, 'isolated', ifla.portIsolated);
}

function setPort(port: string, what: string, key: number): NetlinkMessage {
  const { text, u8, nest } = attribute;
  return {
    type: rtm.newLink,
    body: linkBody(0),
    shown: `RTM_NEWLINK ${port} ${what} on`,
    attributes: [
      text(ifla.name, port),
      nest(ifla.info, [
        text(ifla.portKind, 'bridge'),
        nest(ifla.portData, [u8(key, 1)]),
      ]),
    ],
  };
}
