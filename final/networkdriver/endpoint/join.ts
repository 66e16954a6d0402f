// A container's feet in its networks, set when its namespace stands.
//
// - `connectAll(parts, container, joined, inside)`: before its birth: cables, names, and the event
// - `connectOne(parts, container, one, inside)`: one cable
// - `publishIn(parts, record, ports)`: the firewall leads there

import { NetlinkError, type OpenNetwork } from '@slipway/native';
import {
  connect,
  parseMac,
  publish,
  type BridgeNetwork,
  type Ip,
  type Lease,
  type Published,
} from '../../libcontainer/network.ts';
import { readBridgeOptions } from '../bridge/options.ts';
import type { NetworkedContainer } from '../driver.ts';
import { setIpv6 } from '../sandbox/ipv6.ts';
import { namesFor, readLinks } from '../sandbox/names.ts';
import { sandboxOf, tell, type Parts, type Place } from '../parts.ts';
import type { NetworkRecord } from '../network/record.ts';

/** A network of a container, with its place in it. */
export interface Joined extends Place {
  readonly lease: Lease;
  readonly network: BridgeNetwork;
  readonly device: string;
  /** The gateways that everything else goes to. */
  readonly routes: readonly Ip[];
}

export interface Inside {
  readonly namespace: OpenNetwork;
  /** Whom the embedded name server asks; undefined: there is none. */
  readonly servers: readonly string[] | undefined;
}

export function connectAll(
  parts: Parts,
  container: NetworkedContainer,
  joined: readonly Joined[],
  { namespace, servers }: Inside,
): void {
  let hasIpv6 = false;
  for (const one of joined) {
    const wantsIpv6 = one.network.subnet6 !== undefined;
    if (wantsIpv6 !== hasIpv6) setIpv6(namespace, 'default', wantsIpv6);
    hasIpv6 = wantsIpv6;
    connectOne(parts, container.id, one, namespace);
  }
  if (servers) serveNamesTo(parts, container, namespace, servers);
  for (const { record } of joined) tell(parts, 'connect', record, container.id);
}

export function connectOne(parts: Parts, id: string, one: Joined, inside: OpenNetwork): void {
  const { record, lease, network, device, routes, asked } = one;
  const { ip, ip6, ports } = lease;
  const endpoint = {
    ...{ network, ip, ports: [], device, routes },
    isolated: !readBridgeOptions(record.options).areNeighbours,
    ...(ip6 && { ip6 }),
    ...(asked.MacAddress !== '' && { mac: parseMac(asked.MacAddress) }),
  };
  // A bridge that somebody has removed is made again.
  if (parts.host.route.indexOf(network.bridge) === undefined) parts.catalogue.raise(record);
  sandboxOf(parts, id).cables.set(record.id, connect(parts.host, endpoint, inside));
  publishIn(parts, record, ports);
  sandboxOf(parts, id).closePorts();
}

/** What the firewall does not do because somebody has changed it since is put right, once. */
export function publishIn(parts: Parts, record: NetworkRecord, ports: readonly Published[]): void {
  const { host, catalogue, leases } = parts;
  try {
    publish(host.firewall, ports);
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    if (error.code === 'ENOENT') {
      // A table that is loaded anew has all that the leases say, this one's as well.
      catalogue.raise(record);
    } else if (error.code === 'EEXIST') {
      for (const line of leases.restrike(() => true)) parts.log(line);
      publish(host.firewall, ports);
    } else throw error;
  }
}

export function serveNamesTo(
  parts: Parts,
  { id }: NetworkedContainer,
  namespace: { readonly descriptor: number },
  servers: readonly string[],
): void {
  const { catalogue, leases } = parts;
  // Asked for each question: it may be connected with other links by then.
  const links = (network: string): ReadonlyMap<string, string> =>
    readLinks(parts.containers.find(id).networks[network]?.Links ?? null);
  sandboxOf(parts, id).serveNames(namespace, namesFor(id, { catalogue, leases, links }), servers);
}
