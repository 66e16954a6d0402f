// The network `bridge`, which everybody is in who names no other, as the daemon's flags want it.
//
// - `DefaultBridge`: what they say of it
// - `defaultBridge(host, wish, known, place)`: its record; undefined with `--bridge none`
//
// What they leave open stays as it is known. Its link is our own, `slipway0`, unless a bridge of
// the operator's is named: that one is used as it stands, with the address that it has.

import { invalid } from '../../engine/refusal.ts';
import {
  findLink,
  formatIp,
  formatSubnet,
  gatewaysOf,
  listAddresses,
  parseSubnet,
  type Ip,
  type NetworkHost,
  type Subnet,
} from '../../libcontainer/network.ts';
import { complaintsOf, readBlock } from '../ipam/validate.ts';
import { newNetworkId, type IpamConfig, type NetworkRecord } from './record.ts';

export interface DefaultBridge {
  /** Address and subnet: `192.168.1.1/24`. */
  readonly bip?: string | undefined;
  /** The part of it that containers have addresses of. */
  readonly range?: string | undefined;
  readonly ipv6?: boolean | undefined;
  /** Of version 6; with `ipv6` one is chosen where none is named. */
  readonly subnet6?: string | undefined;
  readonly mtu?: number | undefined;
  /** A bridge that is there, or `none`. */
  readonly link?: string | undefined;
  /** Whether its containers reach each other. */
  readonly icc?: boolean | undefined;
  /** Where ports are published, without an address. */
  readonly ip?: string | undefined;
}

export interface Place {
  readonly freePool: () => Subnet;
  readonly ipv6For: (subnet4: Subnet) => Subnet;
  readonly mtu: () => number;
  /** Links of other engines on this host. */
  readonly taken: ReadonlySet<string>;
  readonly now: string;
}

/** @throws Refusal INVALID */
export function defaultBridge(
  host: NetworkHost,
  wish: DefaultBridge,
  before: NetworkRecord | undefined,
  place: Place,
): NetworkRecord | undefined {
  const { bip, link } = wish;
  if (bip !== undefined && link !== undefined) {
    throw invalid('--bridge and --bip exclude each other: a bridge has its address');
  }
  if (link === 'none') return undefined;
  const known = before && (link ?? ownName(before.bridge)) === before.bridge ? before : undefined;
  const bridge = link ?? known?.bridge ?? freeName(place.taken);
  const { mtu = known?.mtu ?? place.mtu() } = wish;
  const found = link === undefined ? undefined : configOfLink(host, link);
  const config =
    bip === undefined
      ? (found ?? known?.ipam.config[0] ?? automatic(place.freePool()))
      : readBip(bip);
  const six = configOfSix(wish, known, () => place.ipv6For(parseSubnet(config.Subnet)));
  return {
    ...{ version: 1, id: before?.id ?? newNetworkId(), name: 'bridge', driver: 'bridge' },
    ...{ created: before?.created ?? place.now, bridge, mtu, internal: false, attachable: false },
    ...{ enableIpv6: six.length > 0, labels: {}, chosen: { four: false, six: false } },
    ipam: { driver: 'default', options: null, config: [withRange(config, wish.range), ...six] },
    options: optionsOf(bridge, mtu, wish),
  };
}

/** @throws Refusal INVALID */
function withRange(config: IpamConfig, range: string | undefined): IpamConfig {
  const { IPRange: _, ...whole } = config;
  if (range === undefined) return whole;
  const [complaint] = complaintsOf({ ...whole, IPRange: range }, false);
  if (complaint !== undefined) throw invalid(`--fixed-cidr ${range}: ${complaint}`);
  return { ...whole, IPRange: range };
}

/** @throws Refusal INVALID */
function configOfSix(
  { ipv6 = false, subnet6 }: DefaultBridge,
  known: NetworkRecord | undefined,
  free: () => Subnet,
): readonly IpamConfig[] {
  if (!ipv6) return [];
  if (subnet6 === undefined) {
    const before = known?.ipam.config.find(one => parseSubnet(one.Subnet).version === 6);
    return [before ?? automatic(free())];
  }
  const block = readBlock(subnet6);
  if (block?.subnet.version === 6 && block.subnet.prefix <= 96) return [automatic(block.subnet)];
  throw invalid(`--fixed-cidr-v6 ${subnet6}: write a subnet of version 6, at most /96`);
}

function optionsOf(bridge: string, mtu: number, { icc = true, ip }: DefaultBridge) {
  return {
    'com.docker.network.bridge.default_bridge': 'true',
    'com.docker.network.bridge.enable_icc': String(icc),
    'com.docker.network.bridge.enable_ip_masquerade': 'true',
    'com.docker.network.bridge.host_binding_ipv4': ip ?? '0.0.0.0',
    'com.docker.network.bridge.name': bridge,
    'com.docker.network.driver.mtu': String(mtu),
  };
}

/** `slipway0`, unless another engine on this host has it. */
function freeName(taken: ReadonlySet<string>): string {
  const free = Array.from({ length: 100 }, (_, index) => `slipway${index}`);
  return free.find(name => !taken.has(name)) ?? 'slipway0';
}

function ownName(bridge: string): string | undefined {
  return /^slipway\d+$/.test(bridge) ? bridge : undefined;
}

/** @throws Refusal INVALID */
function readBip(text: string): IpamConfig {
  const block = readBlock(text);
  const [address = ''] = text.split('/');
  if (block === undefined || block.subnet.version !== 4 || block.exact)
    throw invalid(`--bip ${text}: write the bridge's address and its subnet, as in 192.168.1.1/24`);
  return { Subnet: formatSubnet(block.subnet), Gateway: address };
}

/** Undefined for a bridge without an address. @throws Refusal INVALID */
function configOfLink(host: NetworkHost, name: string): IpamConfig | undefined {
  const link = findLink(host.route, name);
  if (link === undefined) {
    throw invalid(`bridge device with non default name ${name} must be created manually`);
  }
  if (link.kind !== 'bridge') throw invalid(`existing interface ${name} is not a bridge`);
  const first = listAddresses(host.route).find(
    ({ index, ip }) => index === link.index && ip.version === 4,
  );
  return first && configAt(first.ip, first.prefix);
}

function configAt(ip: Ip, prefix: number): IpamConfig | undefined {
  const block = readBlock(`${formatIp(ip)}/${prefix}`);
  return block && { Subnet: formatSubnet(block.subnet), Gateway: formatIp(ip) };
}

/** Of its own subnets the engine shows the gateway, too. */
export function automatic(subnet4: Subnet): IpamConfig {
  const [gateway] = gatewaysOf({ subnet4, subnet6: undefined });
  return { Subnet: formatSubnet(subnet4), ...(gateway && { Gateway: formatIp(gateway) }) };
}
