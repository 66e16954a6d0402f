// A container's foot in a network: cable, addresses, routes, published ports.
//
// - `connect(host, endpoint, inside)`: all of it, in a namespace that is open
// - `raiseLoopback(inside)`: what every namespace needs, also one without a network
// - `openNetwork(pid)`: the namespace of somebody who is there
//
// Three conversations: the cable is made from here, its other end born over there;
// addresses and routes are set through a socket of that namespace; the published ports
// are one message to the firewall. No process is started.

import { randomUUID } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { openNetlink, type Netlink, type OpenNetwork } from '@slipway/native';
import { publish, type Published } from '../firewall/elements.ts';
import type { Ip } from '../ipam/address.ts';
import type { BridgeNetwork } from '../ipam/lease-book.ts';
import { gatewaysOf } from '../ipam/pool.ts';
import { newAddress, newDefaultRoute } from '../links/addresses.ts';
import { isolate, setHairpin } from '../links/bridge.ts';
import { setUp } from '../links/link.ts';
import { macOf } from '../links/mac.ts';
import { newVeth } from '../links/veth.ts';
import { ipv6For } from './host.ts';

export interface Endpoint {
  readonly network: BridgeNetwork;
  readonly ip: Ip;
  /** Default: the one that follows from `ip`, if the network has IPv6. */
  readonly ip6?: Ip;
  readonly mac?: Uint8Array;
  readonly ports: readonly Published[];
  /** What the link is called inside; default: `eth0`. */
  readonly device?: string;
  /** Where everything else goes; default: to the gateways of the network. */
  readonly routes?: readonly Ip[];
  /** Nobody in the network reaches it, nor is reached by it: only the gateway. */
  readonly isolated?: boolean;
}

/** Whom the host's side of it talks to. */
export interface HostSide {
  readonly route: Netlink;
  readonly firewall: Netlink;
}

/** The namespace of `pid`, and a socket in it. @throws Error ENOENT if it has ended */
export function openNetwork(pid: number): OpenNetwork {
  using stack = new DisposableStack();
  const descriptor = stack.adopt(openSync(`/proc/${pid}/ns/net`, 'r'), closeSync);
  const route = stack.use(openNetlink('route', { descriptor }));
  const held = stack.move();
  return { descriptor, route, [Symbol.dispose]: () => held.dispose() };
}

/** The addresses of an endpoint, one a version. */
export function addressesOf({
  network,
  ip,
  ip6,
}: Pick<Endpoint, 'network' | 'ip' | 'ip6'>): readonly Ip[] {
  const { subnet4, subnet6 } = network;
  return subnet6 ? [ip, ip6 ?? ipv6For(ip.value, subnet4, subnet6)] : [ip];
}

/**
 * The name of the host's end of the cable.
 *
 * @throws NetlinkError naming the message that the kernel refused
 */
export function connect(
  host: HostSide,
  endpoint: Endpoint,
  inside: OpenNetwork,
): string {
  const { network, ip, mac = macOf(ip), ports, device = 'eth0' } = endpoint;
  const { isolated = false } = endpoint;
  const name = `veth${randomUUID().slice(0, 8)}`;
  const bridge = host.route.indexOf(network.bridge);
  if (bridge === undefined) throw new Error(`the bridge ${network.bridge} is gone`);
  const peer = { name: device, mac, namespace: inside.descriptor };
  const cable = newVeth({ name, bridge, mtu: network.mtu, peer });
  host.route.talk([cable, setHairpin(name), ...(isolated ? [isolate(name)] : [])]);
  configure(inside.route, endpoint);
  publish(host.firewall, ports);
  return name;
}

function configure(inside: Netlink, endpoint: Endpoint): void {
  const { network, device = 'eth0', routes = gatewaysOf(network) } = endpoint;
  const { subnet4, subnet6 } = network;
  const eth0 = inside.indexOf(device);
  if (eth0 === undefined) throw new Error('the cable did not arrive in the container');
  // #hole configure: The other end has arrived, without an address and down. In this
  // order: up, the addresses (each with its prefix), then a default route for each of
  // `routes`, which the addresses have made reachable. `setUp(loopback)`, too.
  const prefixes = [subnet4.prefix, subnet6?.prefix ?? 0];
  inside.talk([
    setUp(loopback),
    setUp(eth0),
    ...addressesOf(endpoint).map((ip, index) =>
      newAddress(eth0, ip, prefixes[index] ?? 0),
    ),
    ...routes.map(newDefaultRoute),
  ]);
  // #instead
  // void [subnet4, subnet6, routes, newAddress, newDefaultRoute];
  // inside.talk([setUp(loopback), setUp(eth0)]);
  // #endhole
}

/** Every namespace is born with it, as its first link, and down. */
const loopback = 1;

export function raiseLoopback({ route }: OpenNetwork): void {
  route.talk([setUp(loopback)]);
}
