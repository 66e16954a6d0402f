// Made from ../../links/veth.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// A veth: a cable with two ends. What goes in at one comes out at the other.
//
// - `newVeth(veth)`: both ends in one message: ours on its bridge and up, the other one
//   in the container's namespace, with its name and its hardware address, and down: the
//   kernel configures it before it has tied the two together
//
// The cable dies with either end, and a namespace that dies takes its links along: so
// nobody has to remove it, not even after `kill -9`. Source: veth(4).

import {
  attribute,
  concatenate,
  flag,
  type Attribute,
  type NetlinkMessage,
} from '@slipway/native';
import { iff, ifla, linkBody, rtm } from '../../links/messages.ts';

export interface Veth {
  /** The end that stays with us; at most 15 bytes. */
  readonly name: string;
  /** The index of the bridge that it belongs to. */
  readonly bridge?: number;
  readonly mtu: number;
  readonly peer: {
    readonly name: string;
    readonly mac?: Uint8Array;
    /** Of the network namespace that it is born into; undefined is ours. */
    readonly namespace?: number;
  };
}

export function newVeth({ name, bridge, mtu, peer }: Veth): NetlinkMessage {
  const { text, u32, bytes, nest } = attribute;
  const otherEnd = [
    text(ifla.name, peer.name),
    u32(ifla.mtu, mtu),
    ...oneQueue(),
    ...(peer.mac ? [bytes(ifla.address, peer.mac)] : []),
    // YOUR PART born-inside: A link can be made here and moved, or be born over there.
    // One attribute says where: a descriptor of that namespace (`ifla.netNsFd`).
  ];
  // The value is a structure of its own with attributes behind it.
  const peerValue = concatenate([linkBody(0), ...otherEnd]);
  return {
    type: rtm.newLink,
    flags: flag.create | flag.exclusive,
    body: linkBody(0, iff.up),
    shown: `RTM_NEWLINK ${name} type veth peer ${peer.name}`,
    attributes: [
      text(ifla.name, name),
      u32(ifla.mtu, mtu),
      ...oneQueue(),
      ...(bridge === undefined ? [] : [u32(ifla.master, bridge)]),
      nest(ifla.info, [
        text(ifla.kind, 'veth'),
        nest(ifla.data, [bytes(ifla.vethPeer, peerValue)]),
      ]),
    ],
  };
}

/**
 * A veth has one queue, unless asked for more. Born with room for one a processor, it
 * would give up the others only when no processor looks at them any more, and waits.
 */
function oneQueue(): readonly Attribute[] {
  return [attribute.u32(ifla.sendQueues, 1), attribute.u32(ifla.receiveQueues, 1)];
}
// As made: 127f0fa9
