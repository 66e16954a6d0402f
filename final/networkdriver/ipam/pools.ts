// Which subnet a network gets for which nobody has chosen one.
//
// - `defaultPools`: Docker's own: 172.17 to 172.31, then 192.168 in sixteen pieces
// - `AddressPool`: an operator's, cut into subnets of one size
// - `freePool(inUse, pools)`: the first that no network, link or route of this host overlaps
// - `poolOf(record, taken, last)`: what the chapter's arithmetic needs to give an address of it

import { notFound } from '../../engine/refusal.ts';
import {
  choosePool,
  formatSubnet,
  gatewaysOf,
  parseIp,
  parseSubnet,
  PoolError,
  sizeOf,
  type BridgeNetwork,
  type Pool,
  type Range,
  type Subnet,
} from '../../libcontainer/network.ts';
import type { NetworkRecord } from '../network/record.ts';
import { readBlock } from './validate.ts';

const defaultPools: readonly Subnet[] = [
  ...Array.from({ length: 15 }, (_, index) => parseSubnet(`172.${17 + index}.0.0/16`)),
  ...Array.from({ length: 16 }, (_, index) => parseSubnet(`192.168.${16 * index}.0/20`)),
];

export interface AddressPool {
  /** `10.0.0.0/8` */
  readonly base: string;
  /** The length of a prefix. */
  readonly size: number;
}

function* piecesOf(pools: readonly AddressPool[]): Generator<Subnet> {
  for (const { base, size: prefix } of pools) {
    const whole = readBlock(base)?.subnet;
    if (whole === undefined) continue;
    const { version } = whole;
    const end = whole.base + sizeOf(whole);
    const step = sizeOf({ version, base: 0n, prefix });
    for (let at = whole.base; at < end; at += step) yield { version, base: at, prefix };
  }
}

/** @throws Refusal NOT_FOUND if each of them is in use */
export function freePool(
  inUse: Parameters<typeof choosePool>[1],
  pools: readonly AddressPool[] = [],
): Subnet {
  try {
    return choosePool(pools.length === 0 ? defaultPools : piecesOf(pools), inUse);
  } catch (cause) {
    if (!(cause instanceof PoolError)) throw cause;
    throw notFound(
      'could not find an available, non-overlapping IPv4 address pool among the defaults to ' +
        'assign to the network',
      { cause },
    );
  }
}

/** `taken`: whom each number belongs to. Gateways and auxiliary addresses are nobody's. */
export function poolOf(
  record: NetworkRecord,
  network: BridgeNetwork,
  taken: ReadonlyMap<bigint, string>,
  last: bigint | undefined,
): Pool {
  const subnet = network.subnet4;
  const reserved = record.ipam.config.flatMap(({ AuxiliaryAddresses = {} }) =>
    Object.entries(AuxiliaryAddresses).map(([name, text]) => [parseIp(text), name] as const),
  );
  const all = new Map(taken);
  for (const [ip, name] of reserved) if (ip?.version === 4) all.set(ip.value, name);
  for (const ip of gatewaysOf(network)) if (ip.version === 4) all.set(ip.value, 'the gateway');
  return {
    subnet,
    taken: all,
    range: rangeOf(record, subnet),
    ...(last !== undefined && { last }),
  };
}

function rangeOf(record: NetworkRecord, subnet: Subnet): Range {
  const text = record.ipam.config.find(one => one.Subnet === formatSubnet(subnet))?.IPRange;
  const range = (text === undefined ? undefined : readBlock(text)?.subnet) ?? subnet;
  const [first, end] = [range.base, range.base + sizeOf(range)];
  const [lowest, highest] = [subnet.base + 1n, subnet.base + sizeOf(subnet) - 1n];
  return { first: first < lowest ? lowest : first, end: end > highest ? highest : end };
}
