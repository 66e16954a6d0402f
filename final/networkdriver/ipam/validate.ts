// Whether the addresses that a user wants for a network are ones.
//
// - `refuseIpam(configs, ipv6)`: all that is wrong, in one refusal
// - `complaintsOf(config, ipv6)`: what is wrong with one of them
//
// Every complaint is collected first: whoever writes three subnets wants to hear of three mistakes.
// Source: api/types/network/ipam.go of moby, for the words.

import { invalid } from '../../engine/refusal.ts';
import {
  contains,
  formatSubnet,
  overlap,
  parseIp,
  parseSubnet,
  sizeOf,
  type Subnet,
} from '../../libcontainer/network.ts';
import { joined } from '../complaints.ts';
import type { IpamConfig } from '../network/record.ts';

/** @throws Refusal INVALID */
export function refuseIpam(configs: readonly IpamConfig[], ipv6: boolean): void {
  const complaints = joined(configs.flatMap(config => complaintsOf(config, ipv6)));
  if (complaints !== undefined) throw invalid(`invalid network config:\n${complaints}`);
}

export function complaintsOf(config: IpamConfig, ipv6: boolean): readonly string[] {
  const { Subnet: text, IPRange = '', Gateway = '', AuxiliaryAddresses = {} } = config;
  const block = readBlock(text);
  if (block === undefined) return [`invalid subnet ${text}: invalid CIDR block notation`];
  const { subnet } = block;
  if (subnet.version === 6 && !ipv6) return [];
  return [
    ...(block.exact ? [] : [`invalid subnet ${text}: it should be ${formatSubnet(subnet)}`]),
    ...complaintsOfRange(IPRange, text, subnet),
    ...complaintOfAddress(`invalid gateway ${Gateway}`, Gateway, text, subnet),
    ...Object.entries(AuxiliaryAddresses).flatMap(([name, address]) =>
      complaintOfAddress(`invalid auxiliary address ${name}`, address, text, subnet),
    ),
  ];
}

interface Block {
  readonly subnet: Subnet;
  /** No bits of a host in it. */
  readonly exact: boolean;
}

/** Undefined if the text is none. */
export function readBlock(text: string): Block | undefined {
  const [address = '', length = ''] = text.split('/');
  const ip = parseIp(address);
  const most = ip?.version === 4 ? 32 : 128;
  if (ip === undefined || !/^\d{1,3}$/.test(length) || Number(length) > most) return undefined;
  const size = sizeOf({ version: ip.version, base: ip.value, prefix: Number(length) });
  const base = ip.value - (ip.value % size);
  const subnet = { version: ip.version, base, prefix: Number(length) };
  return { subnet, exact: base === ip.value };
}

function complaintsOfRange(text: string, parent: string, subnet: Subnet): readonly string[] {
  if (text === '') return [];
  const block = readBlock(text);
  if (block === undefined) return [`invalid ip-range ${text}: invalid CIDR block notation`];
  const range = block.subnet;
  if (range.version !== subnet.version)
    return [`invalid ip-range ${text}: parent subnet is an IPv${subnet.version} block`];
  return [
    ...(range.prefix < subnet.prefix
      ? [`invalid ip-range ${text}: CIDR block is bigger than its parent subnet ${parent}`]
      : []),
    ...(block.exact ? [] : [`invalid ip-range ${text}: it should be ${formatSubnet(range)}`]),
    ...(overlap(range, subnet)
      ? []
      : [`invalid ip-range ${text}: parent subnet ${parent} doesn't contain ip-range`]),
  ];
}

function complaintOfAddress(
  what: string,
  text: string,
  parent: string,
  subnet: Subnet,
): readonly string[] {
  if (text === '') return [];
  const ip = parseIp(text);
  if (ip === undefined) return [`${what}: invalid address`];
  if (ip.version !== subnet.version)
    return [`${what}: parent subnet is an IPv${subnet.version} block`];
  if (contains(subnet, ip)) return [];
  return [`${what}: parent subnet ${parent} doesn't contain this address`];
}

/** Of a record that has passed. */
export function subnetOf(configs: readonly IpamConfig[], version: 4 | 6): Subnet | undefined {
  return configs.map(({ Subnet: text }) => parseSubnet(text)).find(one => one.version === version);
}
