// Who has which address: the leases of this engine's containers, in memory and in the host's book.
//
// - `new Leases(host, engine)`: those that the book still knows, of the engine with this folder
// - `.take(wishes)`: all of them in one transaction, or none
// - `.of(container)`, `.in(network)`: what is taken
// - `.giveBack(leases)`, `.rename(lease, names)`
// - `.restrike(lives)`: after a restart: strikes out what nobody lives for, in the firewall too
//
// The book is shared with whoever else makes networks on this host and outlives the daemon; only
// this engine changes its own leases, so that memory and book say the same.
// Addresses are given in turn: an old one rests as long as there are others.

import { Refusal } from '../../engine/refusal.ts';
import {
  addressesOf,
  contains,
  formatIp,
  freeAddress,
  gatewaysOf,
  ownerLives,
  PoolError,
  reconcile,
  type BridgeNetwork,
  type Ip,
  type Lease,
  type NetworkHost,
  type Published,
} from '../../libcontainer/network.ts';
import { poolOf } from './pools.ts';
import type { NetworkRecord } from '../network/record.ts';

/** For one endpoint; addresses that are wanted have been held against the network's subnets. */
export interface LeaseWish {
  readonly container: string;
  readonly record: NetworkRecord;
  readonly network: BridgeNetwork;
  readonly ip?: Ip;
  readonly ip6?: Ip;
  readonly names: readonly string[];
  /** What leads to these addresses; nothing if it is left out. */
  readonly published?: (addresses: readonly Ip[]) => readonly Published[];
}

export class Leases {
  readonly #host: NetworkHost;
  readonly #engine: string;
  #all: Lease[];
  readonly #last = new Map<string, bigint>();

  constructor(host: NetworkHost, engine: string) {
    this.#host = host;
    this.#engine = engine;
    this.#all = this.#read();
  }

  #read(): Lease[] {
    const isOurs = ({ owner }: Lease): boolean =>
      'engine' in owner && owner.engine === this.#engine;
    return this.#host.book.page.leases().filter(isOurs);
  }

  of(container: string): readonly Lease[] {
    return this.#all.filter(lease => lease.container === container);
  }

  in(network: string): readonly Lease[] {
    return this.#all.filter(lease => lease.network === network);
  }

  all(): readonly Lease[] {
    return this.#all;
  }

  /** @throws Refusal FORBIDDEN `Address already in use`, UNAVAILABLE if a network is full */
  take(wishes: readonly LeaseWish[]): readonly Lease[] {
    if (wishes.length === 0) return [];
    const taken = wishes.map(wish => this.#choose(wish));
    this.#host.book.transaction(page => {
      for (const lease of taken) page.addLease(lease);
    });
    for (const { network, ip } of taken) this.#last.set(network, ip.value);
    this.#all.push(...taken);
    return taken;
  }

  #choose(wish: LeaseWish): Lease {
    const { container, record, network, ip, ip6, names } = wish;
    const neighbours = this.in(network.name);
    const taken = new Map(neighbours.map(one => [one.ip.value, one.container] as const));
    const given = poolOf(record, network, taken, this.#lastGiven(network.name));
    if (ip && given.taken.has(ip.value)) throw inUse();
    const address = ip ?? free(given, record);
    const lease: Lease = {
      ...{ network: network.name, ip: address, owner: { engine: this.#engine } },
      ...{ container, names, ports: [] },
    };
    const six = network.subnet6 && { ip6: this.#choose6(lease, network, ip6) };
    const whole = { ...lease, ...six };
    const ports = wish.published?.(addressesOf({ ...whole, network })) ?? [];
    return { ...whole, ports };
  }

  /** The one that follows from the IPv4 address, or the next one that is free. */
  #choose6(lease: Lease, network: BridgeNetwork, wanted: Ip | undefined): Ip {
    const { subnet6 } = network;
    const taken = new Set([
      ...this.in(network.name).flatMap(one => (one.ip6 ? [one.ip6.value] : [])),
      ...gatewaysOf(network).flatMap(({ version, value }) => (version === 6 ? [value] : [])),
    ]);
    if (wanted) {
      if (taken.has(wanted.value)) throw inUse();
      return wanted;
    }
    let value = addressesOf({ ...lease, network })[1]?.value ?? 0n;
    while (taken.has(value)) value += 1n;
    if (subnet6 && contains(subnet6, { version: 6, value })) return { version: 6, value };
    throw new Refusal('UNAVAILABLE', `no available IPv6 addresses on network ${network.name}`);
  }

  #lastGiven(network: string): bigint | undefined {
    return this.#last.get(network) ?? this.#host.book.transaction(page => page.lastGiven(network));
  }

  /** When a container has left the network that its ports were published in. */
  withPorts(lease: Lease, ports: Lease['ports']): Lease {
    const whole = { ...lease, ports };
    this.#host.book.transaction(page => {
      page.removeLease(lease);
      page.addLease(whole);
    });
    this.#all = this.#all.map(one => (one === lease ? whole : one));
    return whole;
  }

  rename(lease: Lease, names: readonly string[]): void {
    this.#host.book.transaction(page => page.renameLease(lease, names));
    this.#all = this.#all.map(one => (one === lease ? { ...one, names } : one));
  }

  giveBack(leases: readonly Lease[]): void {
    if (leases.length === 0) return;
    this.#host.book.transaction(page => {
      for (const lease of leases) page.removeLease(lease);
    });
    this.#all = this.#all.filter(one => !leases.includes(one));
  }

  /** One line for each thing that was taken away. */
  restrike(lives: (lease: Lease) => boolean): readonly string[] {
    const ours = new Set(this.#all.map(({ network, ip }) => `${network} ${formatIp(ip)}`));
    const isOurs = ({ network, ip }: Lease): boolean => ours.has(`${network} ${formatIp(ip)}`);
    const removed = this.#host.book.transaction(page =>
      reconcile(this.#host, page, lease => (isOurs(lease) ? lives(lease) : ownerLives(lease))),
    );
    this.#all = this.#read();
    return removed;
  }
}

function inUse(): Refusal {
  return new Refusal('FORBIDDEN', 'Address already in use');
}

function free(pool: Parameters<typeof freeAddress>[0], record: NetworkRecord): Ip {
  try {
    return freeAddress(pool);
  } catch (cause) {
    if (!(cause instanceof PoolError)) throw cause;
    const { name, id } = record;
    throw new Refusal(
      'UNAVAILABLE',
      `no available IPv4 addresses on this network's address pools: ${name} (${id})`,
      { cause },
    );
  }
}
