// Made from ../../links/link.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Links as the kernel lists them, and the verbs that all kinds have in common.
//
// - `listLinks`, `findLink`: what there is in the namespace of the socket
// - `setUp(index)`, `setDown(name)`, `deleteLink(index)`: messages
//
// A message is a value; `Netlink.talk` sends a row of them in one go.
// Source: rtnetlink(7).

import {
  attribute,
  decodeAttributes,
  flag,
  NetlinkError,
  numberOf,
  textOf,
  type Answer,
  type Netlink,
  type NetlinkMessage,
} from '@slipway/native';
import { formatMac } from './mac.ts';
import { iff, ifla, linkBody, rtm } from '../../links/messages.ts';

export interface Link {
  readonly index: number;
  readonly name: string;
  readonly mtu: number;
  /** `02:42:ac:1e:00:02` */
  readonly mac: string;
  readonly up: boolean;
  /** `veth`, `bridge`, or empty for what is no virtual link. */
  readonly kind: string;
  /** The index of its bridge. */
  readonly bridge: number | undefined;
  /** The index of its other end, in the namespace in which that one is. */
  readonly peer: number | undefined;
}

export function listLinks(netlink: Netlink): readonly Link[] {
  const all = { type: rtm.getLink, flags: flag.dump, body: linkBody(0) };
  return netlink
    .talk([{ ...all, shown: 'RTM_GETLINK' }])
    .filter(({ type }) => type === rtm.newLink)
    .map(readLink);
}

/** The link of this name; one question, however many links there are. */
export function findLink(netlink: Netlink, name: string): Link | undefined {
  const attributes = [attribute.text(ifla.name, name)];
  const shown = `RTM_GETLINK ${name}`;
  try {
    const answers = netlink.talk([
      { type: rtm.getLink, body: linkBody(0), attributes, shown },
    ]);
    return answers.filter(({ type }) => type === rtm.newLink).map(readLink)[0];
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENODEV') return undefined;
    throw error;
  }
}

function readLink({ body }: Answer): Link {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const found = decodeAttributes(body.subarray(16));
  const number = (type: number): number | undefined => {
    const bytes = found.get(type);
    return bytes && numberOf(bytes);
  };
  const info = decodeAttributes(found.get(ifla.info) ?? new Uint8Array());
  return {
    index: view.getInt32(4, true),
    name: textOf(found.get(ifla.name) ?? new Uint8Array()),
    mtu: number(ifla.mtu) ?? 0,
    mac: formatMac(found.get(ifla.address) ?? new Uint8Array()),
    up: (view.getUint32(8, true) & iff.up) !== 0,
    kind: textOf(info.get(ifla.kind) ?? new Uint8Array()),
    bridge: number(ifla.master),
    peer: number(ifla.link),
  };
}

/** `ip link set dev INDEX up` */
export function setUp(index: number): NetlinkMessage {
  const body = linkBody(index, iff.up);
  return { type: rtm.newLink, body, shown: `RTM_NEWLINK index ${index} up` };
}

/** `ip link set dev NAME down`: nothing goes through it any more. */
export function setDown(name: string): NetlinkMessage {
  return {
    type: rtm.newLink,
    body: linkBody(0, 0, iff.up),
    attributes: [attribute.text(ifla.name, name)],
    shown: `RTM_NEWLINK ${name} down`,
  };
}

/** `ip link delete dev INDEX`; the other end of a veth goes with it. */
export function deleteLink(index: number): NetlinkMessage {
  const body = linkBody(index);
  return { type: rtm.deleteLink, body, shown: `RTM_DELLINK index ${index}` };
}
// As made: a49ccfd3
