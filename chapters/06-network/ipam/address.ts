// IP addresses as numbers, and the subnets that they lie in.
//
// - `Ip`: an address of either version; `parseIp`, `formatIp`, `bytesOf`
// - `Subnet`: `parseSubnet('172.30.0.0/16')`, `contains`, `overlap`, `nth`
//
// An address is a number of 32 or 128 bits; a subnet is a range that begins at a
// multiple of its size. Everything in this folder is arithmetic on that.
// Source: RFC 4632 (CIDR), RFC 4291 and RFC 5952 (IPv6 as text).

import { isIP } from 'node:net';

export interface Ip {
  readonly version: 4 | 6;
  readonly value: bigint;
}

export interface Subnet {
  readonly version: 4 | 6;
  /** Its first address. */
  readonly base: bigint;
  readonly prefix: number;
}

const bits = { 4: 32, 6: 128 } as const;

/** The address that `text` writes, or undefined. */
export function parseIp(text: string): Ip | undefined {
  switch (isIP(text)) {
    case 4:
      return { version: 4, value: join(text.split('.').map(Number), 8n) };
    case 6:
      return { version: 6, value: join(groupsOf(text), 16n) };
    default:
      return undefined;
  }
}

/** The usual text of an address. */
export function formatIp({ version, value }: Ip): string {
  if (version === 4)
    return [24n, 16n, 8n, 0n].map(by => (value >> by) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  return shorten(groups);
}

/** The address as the network writes it: 4 or 16 bytes, the highest first. */
export function bytesOf({ version, value }: Ip): Uint8Array {
  const count = bits[version] / 8;
  return Uint8Array.from({ length: count }, (_, index) =>
    Number((value >> BigInt(8 * (count - 1 - index))) & 255n),
  );
}

/** The address that these 4 or 16 bytes are. */
export function ipOf(bytes: Uint8Array): Ip {
  return { version: bytes.length === 4 ? 4 : 6, value: join([...bytes], 8n) };
}

/**
 * The subnet that `text` writes.
 *
 * @throws Error saying what is wrong with it
 */
export function parseSubnet(text: string): Subnet {
  const [address = '', length = ''] = text.split('/');
  const ip = parseIp(address);
  const prefix = Number(length);
  if (ip === undefined || !/^\d+$/.test(length) || prefix > bits[ip.version]) {
    throw new Error(
      `${JSON.stringify(text)} is no subnet: write one as in 10.9.0.0/24`,
    );
  }
  const subnet = { version: ip.version, base: ip.value, prefix };
  if (ip.value % sizeOf(subnet) !== 0n) {
    const base = ip.value - (ip.value % sizeOf(subnet));
    const right = formatSubnet({ ...subnet, base });
    throw new Error(`${text} is an address in a subnet: the subnet is ${right}`);
  }
  return subnet;
}

export function formatSubnet({ version, base, prefix }: Subnet): string {
  return `${formatIp({ version, value: base })}/${prefix}`;
}

/** How many addresses it has. */
export function sizeOf({ version, prefix }: Subnet): bigint {
  return 1n << BigInt(bits[version] - prefix);
}

export function contains(subnet: Subnet, ip: Ip): boolean {
  const offset = ip.value - subnet.base;
  return subnet.version === ip.version && offset >= 0n && offset < sizeOf(subnet);
}

/** Whether some address lies in both. */
export function overlap(one: Subnet, other: Subnet): boolean {
  // #hole overlap: Two subnets are two ranges. When does neither end before the other
  // begins? (Those of two versions never meet.)
  return (
    one.version === other.version &&
    one.base < other.base + sizeOf(other) &&
    other.base < one.base + sizeOf(one)
  );
  // #instead
  // return one.base === other.base;
  // #endhole
}

/** Address number `index` of the subnet. */
export function nth({ version, base }: Subnet, index: bigint): Ip {
  return { version, value: base + index };
}

function join(parts: readonly number[], by: bigint): bigint {
  return parts.reduce((value, part) => (value << by) | BigInt(part), 0n);
}

/** The eight numbers of an IPv6 address, with what `::` leaves out. */
function groupsOf(text: string): readonly number[] {
  const plain = text.replace(/%.*$/, '').replace(/[\d.]+$/, mapped);
  const [head = '', tail] = plain.split('::');
  const numbers = (part: string): number[] =>
    part === '' ? [] : part.split(':').map(group => Number.parseInt(group, 16));
  if (tail === undefined) return numbers(head);
  const [before, after] = [numbers(head), numbers(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after];
}

/** The last 32 bits may be written as an IPv4 address. */
function mapped(end: string): string {
  if (!end.includes('.')) return end;
  const [a = 0, b = 0, c = 0, d = 0] = end.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/** RFC 5952: the longest row of zeros, the first of equals, becomes `::`. */
function shorten(groups: readonly string[]): string {
  const rows = groups.map((_, start) => {
    const end = groups.findIndex((group, index) => index >= start && group !== '0');
    return { start, length: (end === -1 ? groups.length : end) - start };
  });
  const longest = rows.reduce((best, row) => (row.length > best.length ? row : best));
  if (longest.length < 2) return groups.join(':');
  const before = groups.slice(0, longest.start).join(':');
  const after = groups.slice(longest.start + longest.length).join(':');
  return `${before}::${after}`;
}
