// Made from ../../network/endpoint.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// A container's foot in a network: cable, addresses, routes, published ports.
//
// - `connect(host, endpoint, pid)`: all of it, for a process that waits at a barrier
// - `connectNew(host, endpoint, network)`: the same for a namespace that is empty yet
// - `raiseLoopback(namespace)`: what every namespace needs, also one without a network
//
// Three conversations: the cable is made from here, its other end born over there;
// addresses and routes are set through a socket of that namespace; the published ports
// are one message to the firewall. No process is started.

import { randomUUID } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { openNetlink, type Netlink, type NewNetwork } from '@slipway/native';
import { publish, type Published } from '../firewall/elements.ts';
import type { Ip } from '../ipam/address.ts';
import type { BridgeNetwork } from '../ipam/lease-book.ts';
import { gatewaysOf } from '../ipam/pool.ts';
import { newAddress, newDefaultRoute } from '../links/addresses.ts';
import { setHairpin } from '../../links/bridge.ts';
import { setUp } from '../links/link.ts';
import { macOf } from '../links/mac.ts';
import { newVeth, type Veth } from '../links/veth.ts';
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
}

/** Whom the host's side of it talks to. */
export interface HostSide {
  readonly route: Netlink;
  readonly firewall: Netlink;
}

/** The namespace of `pid`, open as long as it is used. */
export function openNamespace(
  pid: number,
): Disposable & { readonly descriptor: number } {
  const descriptor = openSync(`/proc/${pid}/ns/net`, 'r');
  return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
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
export function connect(host: HostSide, endpoint: Endpoint, pid: number): string {
  using namespace = openNamespace(pid);
  using inside = openNetlink('route', namespace);
  return plugIn(host, endpoint, { pid }, inside);
}

/** Before anybody is in it: who joins it later finds all of it. @throws as `connect` */
export function connectNew(
  host: HostSide,
  endpoint: Endpoint,
  { descriptor, route }: NewNetwork,
): string {
  return plugIn(host, endpoint, { namespace: descriptor }, route);
}

type Where = Pick<Veth['peer'], 'pid' | 'namespace'>;

function plugIn(
  host: HostSide,
  endpoint: Endpoint,
  where: Where,
  inside: Netlink,
): string {
  const { network, ip, mac = macOf(ip), ports, device = 'eth0' } = endpoint;
  const name = `veth${randomUUID().slice(0, 8)}`;
  const bridge = host.route.indexOf(network.bridge);
  if (bridge === undefined) throw new Error(`the bridge ${network.bridge} is gone`);
  const peer = { name: device, mac, ...where };
  const cable = newVeth({ name, bridge, mtu: network.mtu, peer });
  host.route.talk([cable, setHairpin(name)]);
  configure(inside, endpoint);
  publish(host.firewall, ports);
  return name;
}

function configure(inside: Netlink, endpoint: Endpoint): void {
  const { network, device = 'eth0', routes = gatewaysOf(network) } = endpoint;
  const { subnet4, subnet6 } = network;
  const eth0 = inside.indexOf(device);
  if (eth0 === undefined) throw new Error('the cable did not arrive in the container');
  // YOUR PART configure: The other end has arrived, without an address and down. In
  // this order: up, the addresses (each with its prefix), then a default route for each
  // of `routes`, which the addresses have made reachable. `setUp(loopback)`, too.
  void [subnet4, subnet6, routes, newAddress, newDefaultRoute];
  inside.talk([setUp(loopback), setUp(eth0)]);
}

/** Every namespace is born with it, as its first link, and down. */
const loopback = 1;

export function raiseLoopback(pid: number): void {
  using namespace = openNamespace(pid);
  using inside = openNetlink('route', namespace);
  raiseLoopbackIn(inside);
}

export function raiseLoopbackIn(inside: Netlink): void {
  inside.talk([setUp(loopback)]);
}
// As made: 1697f9a3
