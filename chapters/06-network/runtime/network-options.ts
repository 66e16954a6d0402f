// The command line of chapter 06: what it adds to those before.
//
// - `addNetworkOptions(command)`: declares them
// - `readNetworkOptions(flags)`: checks them against each other; undefined without any
//
// Names and meanings are those of docker-run(1), save --subnet: a network of ours is
// made by the first container that names it.

import { UsageError } from '@slipway/namespaces';
import type { Command } from 'commander';
import { parseIp, parseSubnet, type Ip, type Subnet } from '../ipam/address.ts';
import { parseMac } from '../links/mac.ts';
import { parsePublish, type PortWish } from '../ports/grammar.ts';

/** The flags as commander leaves them. */
export interface NetworkFlags {
  readonly network?: string;
  readonly subnet?: string;
  readonly ip?: string;
  readonly macAddress?: string;
  readonly publish?: readonly string[];
  readonly dns?: readonly string[];
  readonly addHost?: readonly string[];
  readonly networkAlias?: readonly string[];
}

/** A place in a network of the bridge driver. */
export interface BridgeOptions {
  readonly mode: 'bridge';
  readonly network: string;
  readonly subnet?: Subnet;
  readonly ip?: Ip;
  readonly mac?: Uint8Array;
  readonly ports: readonly PortWish[];
  /** Whom the embedded name server asks; empty: whom the host asks. */
  readonly servers: readonly string[];
  /** `--dns none`: there is no embedded name server. */
  readonly serveNames: boolean;
  readonly extraHosts: readonly string[];
  readonly aliases: readonly string[];
  /** The container's own name; by default one that nobody has. */
  readonly name?: string;
}

export type NetworkOptions =
  | BridgeOptions
  | { readonly mode: 'none' | 'host' }
  | { readonly mode: 'container'; readonly pid: number };

/** Declares the options of this chapter on `command`. */
export function addNetworkOptions(command: Command): Command {
  const list = (text: string, before: readonly string[] = []): readonly string[] => [
    ...before,
    text,
  ];
  return command
    .option('--network <mode>', 'bridge, none, host, container:PID, or a name')
    .option('--subnet <cidr>', 'the IPv4 subnet of a new network')
    .option('--ip <address>', 'its IPv4 address')
    .option('--mac-address <mac>', 'its hardware address')
    .option('-p, --publish <port>', '[ip:]host:container[/udp]', list)
    .option('--dns <server>', 'whom its name server asks, or none', list)
    .option('--add-host <name:ip>', 'a line in its /etc/hosts', list)
    .option('--network-alias <name>', 'a name among its neighbours', list);
}

/** @throws UsageError naming what is wrong, and with which option */
export function readNetworkOptions(flags: NetworkFlags): NetworkOptions | undefined {
  const { network = impliedMode(flags) } = flags;
  if (network === undefined) return undefined;
  if (network === 'none' || network === 'host') {
    refuseOnly(flags, network);
    return { mode: network };
  }
  if (network.startsWith('container:')) {
    refuseOnly(flags, network);
    return { mode: 'container', pid: readPid(network.slice('container:'.length)) };
  }
  return usage(() => readBridge(network, flags));
}

const onlyBridge = [
  ...(['publish', 'ip', 'macAddress', 'subnet'] as const),
  ...(['networkAlias', 'dns', 'addHost'] as const),
] as const;

/** A published port, for example, says which network it is. */
function impliedMode(flags: NetworkFlags): 'bridge' | undefined {
  return onlyBridge.some(key => flags[key] !== undefined) ? 'bridge' : undefined;
}

function refuseOnly(flags: NetworkFlags, network: string): void {
  const key = onlyBridge.find(one => flags[one] !== undefined);
  if (key === undefined) return;
  const option = key.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
  throw new UsageError(
    `--${option} with --network ${network}: there is no network of its own to do it in`,
  );
}

function readBridge(network: string, flags: NetworkFlags): BridgeOptions {
  const { subnet, ip, macAddress, dns = [] } = flags;
  const aliases = flags.networkAlias ?? [];
  for (const one of [network, ...aliases]) refuseBadName(one);
  const extraHosts = flags.addHost ?? [];
  for (const one of extraHosts) refuseBadHost(one);
  for (const one of dns) refuseBadServer(one);
  return {
    mode: 'bridge',
    network,
    ports: (flags.publish ?? []).flatMap(parsePublish),
    servers: dns.filter(one => one !== 'none'),
    serveNames: !dns.includes('none'),
    extraHosts,
    aliases,
    ...(subnet !== undefined && { subnet: readSubnet(subnet) }),
    ...(ip !== undefined && { ip: readIp(ip) }),
    ...(macAddress !== undefined && { mac: parseMac(macAddress) }),
  };
}

function readSubnet(text: string): Subnet {
  const subnet = parseSubnet(text);
  if (subnet.version === 4) return subnet;
  throw new Error(`--subnet ${text}: give an IPv4 one, the IPv6 one follows from it`);
}

function readIp(text: string): Ip {
  const ip = parseIp(text);
  if (ip?.version === 4) return ip;
  throw new Error(`--ip ${text} is no IPv4 address`);
}

function refuseBadName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/.test(name)) return;
  throw new Error(`${JSON.stringify(name)} is no name: 1 to 63 of A-Z a-z 0-9 _ . -`);
}

function refuseBadHost(text: string): void {
  const [, ip] = /^[\w.-]+:(.+)$/.exec(text) ?? [];
  if (ip !== undefined && parseIp(ip)) return;
  throw new Error(`--add-host ${text}: write name:address, as in db:10.0.0.7`);
}

function refuseBadServer(text: string): void {
  const plain = text.replace(/^\[(.+)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1');
  if (text === 'none' || parseIp(plain)) return;
  throw new Error(`--dns ${text} is no address of a name server`);
}

function readPid(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new UsageError(
    `--network container:${text}: give the pid of a process in that container`,
  );
}

function usage<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof Error) throw new UsageError(cause.message, { cause });
    throw cause;
  }
}
