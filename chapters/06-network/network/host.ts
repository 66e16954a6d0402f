// The host of containers: the network namespace in which we are, and its book.
//
// - `openHost(where)`: two netlink sockets and the book of networks and leases
// - `subnetsInUse(host, page)`: what a new network must not overlap
//
// The book is named after this boot and this namespace: whoever starts containers in
// another one, as the experiments do, has another host and another book.

import { readFileSync } from 'node:fs';
import { selfIdentity, type ProcessIdentity } from '@slipway/lab/proc/processes.ts';
import { openNetlink, type Netlink } from '@slipway/native';
import { nth, sizeOf, type Subnet } from '../ipam/address.ts';
import { openBook, type LeaseBook, type Page } from '../ipam/lease-book.ts';
import type { InUse } from '../ipam/pool.ts';
import { listAddresses, listRoutes } from '../links/addresses.ts';
import { listLinks } from '../links/link.ts';

export interface NetworkHost extends Disposable {
  readonly route: Netlink;
  readonly firewall: Netlink;
  readonly book: LeaseBook;
  /** The owner of what is leased by this process. */
  readonly self: ProcessIdentity;
  /** Whether what is made on the host is written into the workshop's ledger as well. */
  readonly ledger: boolean;
}

export interface HostOptions {
  /** Of the book. */
  readonly folder?: string;
  /** An engine says false: its networks are not an experiment to be undone. */
  readonly ledger?: boolean;
}

/** Where books are kept; /run is empty after a boot, as the networks are. */
function defaultFolder(): string {
  return process.env['SLIPWAY_STATE'] ?? '/run/slipway';
}

/** @throws SyscallError, Error if the book cannot be opened */
export function openHost({
  folder = defaultFolder(),
  ledger = true,
}: HostOptions = {}): NetworkHost {
  using stack = new DisposableStack();
  const route = stack.use(openNetlink('route'));
  const firewall = stack.use(openNetlink('netfilter'));
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  const book = stack.use(openBook(`${folder}/network-${boot}-${route.cookie}.db`));
  const held = stack.move();
  const parts = { route, firewall, book, ledger, self: selfIdentity() };
  return { ...parts, [Symbol.dispose]: () => held.dispose() };
}

/** The subnets of our networks, and of every link and route of this host. */
export function subnetsInUse(
  host: NetworkHost,
  page: Pick<Page, 'networks'>,
): readonly InUse[] {
  const networks = page.networks();
  const ours = new Set(networks.map(({ bridge }) => bridge));
  const names = new Map(listLinks(host.route).map(({ index, name }) => [index, name]));
  const isOurs = (index: number): boolean => ours.has(names.get(index) ?? '');
  return [
    ...networks.map(({ name, subnet4 }) => ({
      subnet: subnet4,
      by: `the network ${name}`,
    })),
    ...listAddresses(host.route)
      .filter(({ index, ip }) => ip.version === 4 && !isOurs(index))
      .map(({ index, ip, prefix }) => ({
        subnet: subnetOf({ ...ip, base: ip.value, prefix }),
        by: `the link ${names.get(index) ?? index}`,
      })),
    ...listRoutes(host.route).flatMap(({ destination, index = 0, version }) =>
      destination === undefined || version === 6 || isOurs(index)
        ? []
        : [{ subnet: destination, by: `the route by ${names.get(index) ?? index}` }],
    ),
  ];
}

function subnetOf({ version, base, prefix }: Subnet): Subnet {
  const size = sizeOf({ version, base, prefix });
  return { version, base: base - (base % size), prefix };
}

/** The MTU of the way out: no packet of a container shall be too long for it. */
export function mtuOfWayOut(host: NetworkHost): number {
  const out = listRoutes(host.route).filter(({ destination }) => !destination);
  const links = listLinks(host.route).filter(({ index }) =>
    out.some(route => route.index === index),
  );
  return Math.min(1500, ...links.map(({ mtu }) => mtu));
}

/**
 * The IPv6 subnet of a network: below one prefix of ours (RFC 4193), its first IPv4
 * address. Where the one is free, the other is.
 */
export function ipv6SubnetFor(subnet4: Subnet): Subnet {
  const prefix = 0xfd53_6c69n;
  return { version: 6, base: ((prefix << 32n) | subnet4.base) << 64n, prefix: 64 };
}

/** The IPv6 address of who has `ip` in `subnet4`. */
export function ipv6For(
  ip: bigint,
  subnet4: Subnet,
  subnet6: Subnet,
): ReturnType<typeof nth> {
  return nth(subnet6, ip - subnet4.base);
}
