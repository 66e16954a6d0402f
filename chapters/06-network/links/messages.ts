// rtnetlink: the structures and numbers that this chapter speaks.
//
// - `rtm`, `ifla`, `ifa`, `rta`: types of messages and of attributes
// - `linkBody`, `addressBody`, `routeBody`: the structure behind the header of each
//   family
//
// Source: rtnetlink(7), linux/if_link.h, linux/if_addr.h, linux/rtnetlink.h.

/** Types of messages. */
export const rtm = {
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  newAddress: 20,
  getAddress: 22,
  newRoute: 24,
  getRoute: 26,
  getNeighbour: 30,
} as const;

/** Attributes of a link. */
export const ifla = {
  address: 1,
  name: 3,
  mtu: 4,
  link: 5,
  master: 10,
  info: 18,
  group: 27,
  netNsFd: 28,
  sendQueues: 31,
  receiveQueues: 32,
  /** Inside `info`. */
  kind: 1,
  data: 2,
  /** Inside `info`, about its place on a bridge; the others are inside `portData`. */
  portKind: 4,
  portData: 5,
  portMode: 4,
  portIsolated: 33,
  /** Inside `data` of a veth: the whole other end. */
  vethPeer: 1,
} as const;

/** Attributes of an address. */
export const ifa = { address: 1, local: 2, flags: 8 } as const;

/** Attributes of a route. */
export const rta = { destination: 1, outInterface: 4, gateway: 5 } as const;

/** `IFF_UP`, `IFF_RUNNING` */
export const iff = { up: 0x1, running: 0x40 } as const;

export const family = { any: 0, ipv4: 2, ipv6: 10 } as const;

/** `struct ifinfomsg`; `flags` are set, and only those in `change` are looked at. */
export function linkBody(index: number, flags = 0, change = flags): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setInt32(4, index, true);
  view.setUint32(8, flags, true);
  view.setUint32(12, change, true);
  return bytes;
}

/** `struct ifaddrmsg` */
export function addressBody(kind: number, prefix: number, index: number): Uint8Array {
  const bytes = new Uint8Array(8);
  bytes[0] = kind;
  bytes[1] = prefix;
  new DataView(bytes.buffer).setUint32(4, index, true);
  return bytes;
}

/** `struct rtmsg` of a unicast route in the main table. */
export function routeBody(kind: number, prefix: number): Uint8Array {
  const main = 254;
  const byBoot = 3;
  const unicast = 1;
  return Uint8Array.of(kind, prefix, 0, 0, main, byBoot, 0, unicast, 0, 0, 0, 0);
}
