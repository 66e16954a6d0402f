// Addresses of links, and where packets go that are for nobody near.
//
// - `newAddress(index, ip, prefix)`, `newDefaultRoute(gateway)`: messages
// - `listAddresses`, `listRoutes`: what there is
//
// An address with a prefix brings a route along: "that whole subnet is on this link".
// Everything else goes to the gateway. Source: rtnetlink(7).

import {
  attribute,
  decodeAttributes,
  flag,
  numberOf,
  type Netlink,
  type NetlinkMessage,
} from '@slipway/native';
import { bytesOf, formatIp, ipOf, type Ip, type Subnet } from '../ipam/address.ts';
import { addressBody, family, ifa, routeBody, rta, rtm } from './messages.ts';

/** No search for another owner of the address: the pool has it given to one only. */
const noDuplicateDetection = 0x02;

/** `ip address add IP/PREFIX dev INDEX` */
export function newAddress(index: number, ip: Ip, prefix: number): NetlinkMessage {
  const bytes = bytesOf(ip);
  const kind = ip.version === 4 ? family.ipv4 : family.ipv6;
  return {
    type: rtm.newAddress,
    flags: flag.create | flag.exclusive,
    body: addressBody(kind, prefix, index),
    shown: `RTM_NEWADDR ${formatIp(ip)}/${prefix} index ${index}`,
    attributes: [
      attribute.bytes(ifa.local, bytes),
      attribute.bytes(ifa.address, bytes),
      // An IPv6 address is "tentative" for a second, and a server that binds to it
      // meanwhile is refused.
      ...(ip.version === 6 ? [attribute.u32(ifa.flags, noDuplicateDetection)] : []),
    ],
  };
}

/** `ip route add default via GATEWAY` */
export function newDefaultRoute(gateway: Ip): NetlinkMessage {
  const kind = gateway.version === 4 ? family.ipv4 : family.ipv6;
  return {
    type: rtm.newRoute,
    flags: flag.create | flag.exclusive,
    body: routeBody(kind, 0),
    attributes: [attribute.bytes(rta.gateway, bytesOf(gateway))],
    shown: `RTM_NEWROUTE default via ${formatIp(gateway)}`,
  };
}

export interface Address {
  /** Of its link. */
  readonly index: number;
  readonly ip: Ip;
  readonly prefix: number;
}

export function listAddresses(netlink: Netlink): readonly Address[] {
  const all = { type: rtm.getAddress, flags: flag.dump, body: addressBody(0, 0, 0) };
  return netlink.talk([{ ...all, shown: 'RTM_GETADDR' }]).flatMap(({ type, body }) => {
    const found = decodeAttributes(body.subarray(8));
    const bytes = found.get(ifa.local) ?? found.get(ifa.address);
    if (type !== rtm.newAddress || bytes === undefined) return [];
    const index = new DataView(body.buffer, body.byteOffset, 8).getUint32(4, true);
    return [{ index, ip: ipOf(bytes), prefix: body[1] ?? 0 }];
  });
}

export interface Route {
  /** Undefined for the default route. */
  readonly destination: Subnet | undefined;
  /** Of the link that it leaves by. */
  readonly index: number | undefined;
  readonly version: 4 | 6;
}

/** The unicast routes of the main table. */
export function listRoutes(netlink: Netlink): readonly Route[] {
  const all = { type: rtm.getRoute, flags: flag.dump, body: routeBody(0, 0) };
  const [mainTable, unicast] = [254, 1];
  return netlink.talk([{ ...all, shown: 'RTM_GETROUTE' }]).flatMap(({ type, body }) => {
    if (type !== rtm.newRoute || body[4] !== mainTable || body[7] !== unicast)
      return [];
    const found = decodeAttributes(body.subarray(12));
    const [bytes, out] = [found.get(rta.destination), found.get(rta.outInterface)];
    const prefix = body[1] ?? 0;
    const start = bytes && ipOf(bytes);
    return [
      {
        destination: start && { version: start.version, base: start.value, prefix },
        index: out && numberOf(out),
        version: body[0] === family.ipv4 ? (4 as const) : (6 as const),
      },
    ];
  });
}
