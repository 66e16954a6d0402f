// Whether an endpoint can be what a user wants of it.
//
// - `refuseEndpoint(name, asked, record)`: all that is wrong, in one refusal
// - `wantedAddresses(asked)`: the fixed addresses, as numbers
//
// The network need not exist yet when a container is created; then its subnets are looked at when
// it starts. Source: daemon/container_operations.go and api/types/network/endpoint.go of moby.

import { invalid } from '../../engine/refusal.ts';
import { contains, parseIp, parseMac, type Ip } from '../../libcontainer/network.ts';
import { joined } from '../complaints.ts';
import { subnetOf } from '../ipam/validate.ts';
import { isPredefined, type NetworkRecord } from '../network/record.ts';
import type { AskedEndpoint } from '../settings.ts';

/** @throws Refusal INVALID */
export function refuseEndpoint(
  name: string,
  asked: AskedEndpoint,
  record: NetworkRecord | undefined,
): void {
  const complaint = complaintOf(name, asked, record);
  if (complaint !== undefined) throw invalid(complaint);
}

/** Undefined if nothing is wrong. */
export function complaintOf(
  name: string,
  asked: AskedEndpoint,
  record: NetworkRecord | undefined,
): string | undefined {
  if (isWrongMac(asked.MacAddress)) return `invalid MAC address ${asked.MacAddress}`;
  const complaints = joined([
    ...onPredefined(name, asked),
    ...wrongAddresses(asked),
    ...(record === undefined ? [] : outOfRange(asked, record)),
  ]);
  return complaints === undefined ? undefined : `invalid endpoint settings:\n${complaints}`;
}

function onPredefined(name: string, { IPAMConfig, Aliases }: AskedEndpoint): readonly string[] {
  if (!isPredefined(name)) return [];
  const fixed = (IPAMConfig?.IPv4Address ?? '') !== '' || (IPAMConfig?.IPv6Address ?? '') !== '';
  return [
    ...(fixed ? ['user specified IP address is supported on user defined networks only'] : []),
    ...((Aliases?.length ?? 0) > 0
      ? ['network-scoped alias is supported only for containers in user defined networks']
      : []),
  ];
}

function isWrongMac(text: string): boolean {
  if (text === '') return false;
  try {
    parseMac(text);
    return false;
  } catch {
    return true;
  }
}

function wrongAddresses({ IPAMConfig }: AskedEndpoint): readonly string[] {
  const { IPv4Address: four = '', IPv6Address: six = '', LinkLocalIPs = [] } = IPAMConfig ?? {};
  const isWrong = (text: string, version: 4 | 6): boolean => {
    const ip = parseIp(text);
    // An address of version 4 in the clothes of the other is none of these.
    const isMapped = version === 6 && (ip?.value ?? 0n) >> 32n === 0xffffn;
    return text !== '' && (ip?.version !== version || ip.value === 0n || isMapped);
  };
  return [
    ...(isWrong(four, 4) ? [`invalid IPv4 address: ${four}`] : []),
    ...(isWrong(six, 6) ? [`invalid IPv6 address: ${six}`] : []),
    ...LinkLocalIPs.filter(one => (parseIp(one)?.value ?? 0n) === 0n).map(
      one => `invalid link-local IP address: ${one}`,
    ),
  ];
}

function outOfRange({ IPAMConfig }: AskedEndpoint, record: NetworkRecord): readonly string[] {
  const { IPv4Address: four = '', IPv6Address: six = '' } = IPAMConfig ?? {};
  return [...outsideOf(four, 4, record), ...outsideOf(six, 6, record)];
}

function outsideOf(text: string, version: 4 | 6, record: NetworkRecord): readonly string[] {
  if (text === '') return [];
  const isChosen = version === 4 ? record.chosen.four : record.chosen.six;
  if (!isChosen) {
    return [
      'user specified IP address is supported only when connecting to networks with user ' +
        'configured subnets',
    ];
  }
  const { config } = record.ipam;
  const subnet = subnetOf(config, version);
  const ip = parseIp(text);
  if (ip && subnet && contains(subnet, ip)) return [];
  return [`no configured subnet or ip-range contain the IP address ${text}`];
}

export function wantedAddresses({ IPAMConfig }: AskedEndpoint): { ip?: Ip; ip6?: Ip } {
  const ip = parseIp(IPAMConfig?.IPv4Address ?? '');
  const ip6 = parseIp(IPAMConfig?.IPv6Address ?? '');
  return { ...(ip && { ip }), ...(ip6 && { ip6 }) };
}
