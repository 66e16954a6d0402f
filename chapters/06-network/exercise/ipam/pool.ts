// Made from ../../ipam/pool.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Which address a container gets: arithmetic on a subnet and on what is taken.
//
// - `freeAddress(pool)`: the next one that nobody has
// - `checkWanted(pool, ip)`: why `--ip` cannot be had, in words
// - `gatewayOf(subnet)`: the first address belongs to the bridge
// - `gatewaysOf(network)`: or others, where a network says so
//
// The next after the last one given, not the lowest: an address that has just become
// free still stands in the neighbours' ARP tables and in the kernel's table of
// connections. The first address (the network's own name) and, in IPv4, the last one
// (everybody) are nobody's.

import {
  contains,
  formatIp,
  formatSubnet,
  nth,
  overlap,
  sizeOf,
  type Ip,
  type Subnet,
} from './address.ts';

export interface Pool {
  readonly subnet: Subnet;
  /** The numbers of the addresses that somebody has, with the name of who. */
  readonly taken: ReadonlyMap<bigint, string>;
  /** The last one that was given. */
  readonly last?: bigint;
  /** What may be given, where that is less than all of the subnet. */
  readonly range?: Range;
}

/** From `first` to before `end`. */
export interface Range {
  readonly first: bigint;
  readonly end: bigint;
}

/** The pool cannot give what was asked of it. */
export class PoolError extends Error {
  override readonly name = 'PoolError';
}

export function gatewayOf(subnet: Subnet): Ip {
  return nth(subnet, 1n);
}

/** One a version. */
export function gatewaysOf(network: {
  readonly subnet4: Subnet;
  readonly subnet6: Subnet | undefined;
  readonly gateways?: readonly Ip[];
}): readonly Ip[] {
  const { subnet4, subnet6, gateways = [] } = network;
  return [subnet4, ...(subnet6 ? [subnet6] : [])].map(
    subnet => gateways.find(ip => contains(subnet, ip)) ?? gatewayOf(subnet),
  );
}

/** @throws PoolError if there is none left */
export function freeAddress({ subnet, taken, last, range = usable(subnet) }: Pool): Ip {
  const { first, end } = range;
  const start =
    last === undefined || last < first || last + 1n >= end ? first : last + 1n;
  // YOUR PART next-free: From `start` to the end of the pool, then from its beginning:
  // the first address that is not in `taken`.
  void taken;
  if (start < end) return { version: subnet.version, value: start };
  throw new PoolError(
    `no address is left in ${formatSubnet(subnet)}: all ${end - first} are given; ` +
      'end a container, or take a larger --subnet',
  );
}

/** @throws PoolError naming what is wrong with `ip` */
export function checkWanted({ subnet, taken }: Pool, ip: Ip): void {
  const text = formatIp(ip);
  if (!contains(subnet, ip)) {
    throw new PoolError(
      `--ip ${text} lies outside the subnet of this network, ${formatSubnet(subnet)}`,
    );
  }
  const { first, end } = usable(subnet);
  if (ip.value === gatewayOf(subnet).value) {
    throw new PoolError(`--ip ${text} is the gateway of ${formatSubnet(subnet)}`);
  }
  if (ip.value < first || ip.value >= end) {
    throw new PoolError(`--ip ${text} is no container's: it names the network itself`);
  }
  const owner = taken.get(ip.value);
  if (owner !== undefined) throw new PoolError(`--ip ${text} is taken by ${owner}`);
}

/** A subnet that somebody uses, and who. */
export interface InUse {
  readonly subnet: Subnet;
  readonly by: string;
}

/** @throws PoolError naming whom `subnet` would overlap */
export function checkPool(subnet: Subnet, inUse: readonly InUse[]): void {
  if (sizeOf(subnet) < 4n) {
    throw new PoolError(`--subnet ${formatSubnet(subnet)} has no room for a container`);
  }
  const other = inUse.find(used => overlap(used.subnet, subnet));
  if (other === undefined) return;
  throw new PoolError(
    `--subnet ${formatSubnet(subnet)} overlaps ${formatSubnet(other.subnet)} ` +
      `of ${other.by}: packets for one would reach the other`,
  );
}

/** The first pool in `candidates` that overlaps nobody's. @throws PoolError if none */
export function choosePool(
  candidates: Iterable<Subnet>,
  inUse: readonly InUse[],
): Subnet {
  for (const one of candidates) {
    if (!inUse.some(({ subnet }) => overlap(subnet, one))) return one;
  }
  throw new PoolError(
    'each of the usual subnets is in use on this machine: give one with --subnet',
  );
}

/** What containers may get. */
function usable(subnet: Subnet): Range {
  const end = subnet.base + sizeOf(subnet) - (subnet.version === 4 ? 1n : 0n);
  return { first: subnet.base + 2n, end };
}
// As made: 24084cd7
