// A published port, or a network, as an element of a set: one netlink message.
//
// - `publish`, `unpublish`: elements of the four maps
// - `admitNetwork`, `dismissNetwork`: elements of the sets
// - `listPublished(netlink)`: what the maps hold
//
// nfnetlink takes batches: begin, messages, end; all of it happens or nothing does.
// A key of several parts is its parts behind each other, each padded to 4 bytes:
//
//     tcp . 10.0.0.1 . 8080   06 00 00 00 | 0a 00 00 01 | 1f 90 00 00
//
// Source: linux/netfilter/nf_tables.h, linux/netfilter/nfnetlink.h.

import {
  attribute,
  concatenate,
  decodeAttributes,
  flag,
  listAttributes,
  type Attribute,
  type Netlink,
  type NetlinkMessage,
} from '@slipway/native';
import {
  bytesOf,
  formatIp,
  ipOf,
  nth,
  sizeOf,
  type Ip,
  type Subnet,
} from '../ipam/address.ts';
import { forgetFlows } from './flows.ts';

export type Protocol = 'tcp' | 'udp';

/** Traffic for one port of the host, and where it goes instead. */
export interface Published {
  readonly protocol: Protocol;
  /** One address of the host; undefined means all of the container's version. */
  readonly host: Ip | undefined;
  readonly hostPort: number;
  readonly container: Ip;
  readonly containerPort: number;
}

/** From IPv6 to IPv4 no rule leads: such a port is passed on (ports/loopback6.ts). */
export function isLed({ host, container }: Published): boolean {
  return host === undefined || host.version === container.version;
}

/** @throws NetlinkError EEXIST if one of them is published already; then none is */
export function publish(netlink: Netlink, ports: readonly Published[]): void {
  change(netlink, 'add', ports.filter(isLed).map(elementOf));
  forgetFlows(netlink, ports);
}

/** @throws NetlinkError ENOENT if one of them is not there; then none is removed */
export function unpublish(netlink: Netlink, ports: readonly Published[]): void {
  change(netlink, 'delete', ports.filter(isLed).map(elementOf));
  forgetFlows(netlink, ports);
}

/** A network, as the firewall knows it. */
export interface FirewalledNetwork {
  readonly bridge: string;
  readonly subnet4: Subnet;
  readonly subnet6: Subnet | undefined;
  /** Nobody in it reaches what is outside, nor is reached from there. */
  readonly internal?: boolean;
}

/** One that is known already stays known. */
export function admitNetwork(netlink: Netlink, network: FirewalledNetwork): void {
  change(netlink, 'keep', networkElements(network));
}

/**
 * One that is not known stays so: who was killed between this and the book's last line
 * is followed by one who does it again. What a batch adds it can delete.
 */
export function dismissNetwork(netlink: Netlink, network: FirewalledNetwork): void {
  const elements = networkElements(network);
  talk(netlink, [...messagesFor('keep', elements), ...messagesFor('delete', elements)]);
}

interface Element {
  readonly set: string;
  readonly key: Uint8Array;
  readonly data?: Uint8Array;
  /** The first address behind a range, not one in it. */
  readonly isEnd?: true;
}

const protocols: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17 };
const maps = ['published4', 'everywhere4', 'published6', 'everywhere6'] as const;

/** The element of the map that fits. */
export function elementOf(port: Published): Element {
  const { protocol, host, hostPort, container, containerPort } = port;
  const set = `${host ? 'published' : 'everywhere'}${container.version}`;
  // #hole element: The key is the protocol, the host's address if there is one, and the
  // host's port; the data is where it goes: the container's address and port.
  const key = [
    Uint8Array.of(protocols[protocol], 0, 0, 0),
    ...(host ? [bytesOf(host)] : []),
    portBytes(hostPort),
  ];
  const data = [bytesOf(container), portBytes(containerPort)];
  // #instead
  // const key = [Uint8Array.of(protocols[protocol], 0, 0, 0), portBytes(hostPort)];
  // const data = [bytesOf(container), portBytes(hostPort)];
  // void containerPort;
  // #endhole
  return { set, key: concatenate(key), data: concatenate(data) };
}

function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port >> 8, port & 255, 0, 0);
}

function networkElements(network: FirewalledNetwork): readonly Element[] {
  const { bridge, subnet4, subnet6, internal = false } = network;
  const name = new Uint8Array(16);
  name.set(new TextEncoder().encode(bridge));
  return [
    { set: 'bridges', key: name },
    { set: 'within', key: concatenate([name, name]) },
    ...(internal ? [{ set: 'internal', key: name }] : []),
    ...rangeElements('pools4', subnet4),
    ...(subnet6 ? rangeElements('pools6', subnet6) : []),
  ];
}

/** A set of ranges holds where each begins, and where it has ended. */
function rangeElements(set: string, subnet: Subnet): readonly Element[] {
  const end = bytesOf(nth(subnet, sizeOf(subnet)));
  return [
    { set, key: bytesOf(nth(subnet, 0n)) },
    { set, key: end, isEnd: true },
  ];
}

const nftables = 10;
const message = { begin: 0x10, end: 0x11, add: 12, get: 13, delete: 14 } as const;
const inet = 1;
/** Attributes of a list of elements, of an element, and of a value. */
const list = { table: 1, set: 2, elements: 3, element: 1 } as const;
const part = { key: 1, data: 2, flags: 3, value: 1 } as const;
/** NFT_SET_ELEM_INTERVAL_END */
const intervalEnd = 1;
/** A list is one attribute, whose length is a number of 16 bits. */
const mostElements = 900;

/** `add` is refused for what is there, `keep` is not. */
type Change = 'add' | 'keep' | 'delete';

const flagsOf: Readonly<Record<Change, number>> = {
  add: flag.create | flag.exclusive,
  keep: flag.create,
  delete: 0,
};

function change(netlink: Netlink, what: Change, elements: readonly Element[]): void {
  if (elements.length > 0) talk(netlink, messagesFor(what, elements));
}

function talk(netlink: Netlink, messages: readonly NetlinkMessage[]): void {
  const begin = { type: message.begin, body: batchBody(), shown: 'batch' };
  const end = { ...begin, type: message.end };
  netlink.talk([begin, ...messages, end]);
}

function messagesFor(
  what: Change,
  elements: readonly Element[],
): readonly NetlinkMessage[] {
  const bySet = Map.groupBy(elements, ({ set }) => set);
  return [...bySet].flatMap(([set, all]) =>
    pieces(all).map(some => ({
      type: (nftables << 8) | message[what === 'delete' ? 'delete' : 'add'],
      flags: flagsOf[what],
      body: Uint8Array.of(inet, 0, 0, 0),
      attributes: [
        ...named(set),
        attribute.nest(list.elements, some.map(encodeElement)),
      ],
      shown: `nft ${what === 'delete' ? what : 'add'} element inet slipway ${set}`,
    })),
  );
}

function pieces(elements: readonly Element[]): readonly (readonly Element[])[] {
  const count = Math.ceil(elements.length / mostElements);
  return Array.from({ length: count }, (_, index) =>
    elements.slice(index * mostElements, (index + 1) * mostElements),
  );
}

function named(set: string): readonly Attribute[] {
  return [attribute.text(list.table, 'slipway'), attribute.text(list.set, set)];
}

function encodeElement({ key, data, isEnd }: Element): Attribute {
  return attribute.nest(list.element, [
    ...(isEnd ? [attribute.u32be(part.flags, intervalEnd)] : []),
    attribute.nest(part.key, [attribute.bytes(part.value, key)]),
    ...(data ? [attribute.nest(part.data, [attribute.bytes(part.value, data)])] : []),
  ]);
}

function batchBody(): Uint8Array {
  return Uint8Array.of(0, 0, 0, nftables);
}

/** All that is published; empty if the table is not there. */
export function listPublished(netlink: Netlink): readonly Published[] {
  return maps.flatMap(set =>
    elementsIn(netlink, set).map(one => publishedOf(set, one)),
  );
}

function elementsIn(
  netlink: Netlink,
  set: string,
): readonly ReadonlyMap<number, Uint8Array>[] {
  const answers = netlink.talk([
    {
      type: (nftables << 8) | message.get,
      flags: flag.dump,
      body: Uint8Array.of(inet, 0, 0, 0),
      attributes: named(set),
      shown: `nft list map inet slipway ${set}`,
    },
  ]);
  return answers
    .map(({ body }) => decodeAttributes(body.subarray(4)).get(list.elements))
    .flatMap(bytes => (bytes ? listAttributes(bytes) : []))
    .map(([, bytes]) => decodeAttributes(bytes));
}

function publishedOf(
  set: (typeof maps)[number],
  element: ReadonlyMap<number, Uint8Array>,
): Published {
  const valueOf = (type: number): Uint8Array =>
    decodeAttributes(element.get(type) ?? new Uint8Array()).get(part.value) ??
    new Uint8Array();
  const [key, data] = [valueOf(part.key), valueOf(part.data)];
  const addressBytes = set.endsWith('4') ? 4 : 16;
  const isEverywhere = set.startsWith('everywhere');
  return {
    protocol: key[0] === protocols.udp ? 'udp' : 'tcp',
    host: isEverywhere ? undefined : ipOf(key.subarray(4, 4 + addressBytes)),
    hostPort: portIn(key, isEverywhere ? 4 : 4 + addressBytes),
    container: ipOf(data.subarray(0, addressBytes)),
    containerPort: portIn(data, addressBytes),
  };
}

function portIn(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** `10.0.0.1:8080/tcp → 172.30.0.2:80` */
export function showPublished(port: Published): string {
  const { protocol, host, hostPort, container, containerPort } = port;
  const bracket = (ip: Ip): string =>
    ip.version === 6 ? `[${formatIp(ip)}]` : formatIp(ip);
  const everywhere = container.version === 6 ? '[::]' : '0.0.0.0';
  const from = `${host ? bracket(host) : everywhere}:${hostPort}/${protocol}`;
  return `${from} → ${bracket(container)}:${containerPort}`;
}
