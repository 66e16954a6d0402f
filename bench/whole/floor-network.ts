/**
 * The network of a whole container as options of the floor program: messages in hexadecimal.
 *
 * - endpointOn()                its place in the network that the stage keeps up
 * - networkOptions(endpoint)    the cable, addresses, routes, a published port; and all of it back
 *
 * They are Slipway's own, byte for byte, encoded once. See ../floor/network.c, which puts in the
 * number of the link that has arrived.
 */
import { encodeTalk, type Netlink, type NetlinkMessage } from '@slipway/native';
import {
  addressesOf,
  gatewayOf,
  macOf,
  openHost,
  publish,
  unpublish,
  type Endpoint,
  type Published,
} from '@slipway/network';
import { newAddress, newDefaultRoute } from '@slipway/network/links/addresses.ts';
import { setHairpin } from '@slipway/network/links/bridge.ts';
import { setDown, setUp } from '@slipway/network/links/link.ts';
import { newVeth } from '@slipway/network/links/veth.ts';
import { publishedFor } from '@slipway/network/ports/published.ts';
import { ports } from './stage.ts';

/** An address that the pool would reach last, in the network that the stage keeps up. */
export function endpointOn(): Endpoint {
  using host = openHost();
  const [network] = host.book.page.networks();
  if (network === undefined) throw new Error('no network is up');
  return { network, ip: { version: 4, value: network.subnet4.base + 200n }, ports: [] };
}

/** As in floor/network.c. */
const indexToCome = 0x7f00_5c1d;
const namespaceToCome = 0x7f00_5c1e;
const nameToCome = 'veth-to-come';
const loopback = 1;

export function networkOptions(endpoint: Endpoint): readonly string[] {
  using host = openHost();
  const { network, ip } = endpoint;
  const bridge = host.route.indexOf(network.bridge) ?? 0;
  const peer = { name: 'eth0', mac: macOf(ip), namespace: namespaceToCome };
  const cable = newVeth({ name: nameToCome, bridge, mtu: network.mtu, peer });
  const published = publishedOn(endpoint);
  return [
    `--plug-in=${hex([cable, setHairpin(nameToCome)])}`,
    `--configure=${hex(inside(endpoint))}`,
    `--publish=${said(netlink => publish(netlink, published))}`,
    `--withdraw=${said(netlink => unpublish(netlink, published))}`,
    `--unplug=${hex([setDown(nameToCome)])}`,
  ];
}

function inside(endpoint: Endpoint): readonly NetlinkMessage[] {
  const { subnet4, subnet6 } = endpoint.network;
  const subnets = [subnet4, ...(subnet6 ? [subnet6] : [])];
  return [
    ...[setUp(loopback), setUp(indexToCome)],
    ...addressesOf(endpoint).map((ip, at) => newAddress(indexToCome, ip, subnets[at]?.prefix ?? 0)),
    ...subnets.map(subnet => newDefaultRoute(gatewayOf(subnet))),
  ];
}

function publishedOn(endpoint: Endpoint): readonly Published[] {
  const port = { protocol: 'tcp', host: undefined, hostPort: ports.host } as const;
  return publishedFor([{ ...port, containerPort: ports.container }], addressesOf(endpoint));
}

/** What `speak` says, and nobody hears. */
function said(speak: (netlink: Netlink) => void): string {
  const messages: NetlinkMessage[] = [];
  const talk: Netlink['talk'] = row => {
    messages.push(...row);
    return [];
  };
  speak({ cookie: 0n, talk, indexOf: () => undefined, [Symbol.dispose]: () => undefined });
  return hex(messages);
}

function hex(messages: readonly NetlinkMessage[]): string {
  return Buffer.from(encodeTalk(messages)).toString('hex');
}
