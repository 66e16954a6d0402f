// The texts of a container's files, from what it asked for and where it is.
//
// - `textsFor(container, around)`: at a start → the three texts, and whom its name server asks
// - `hostTexts(container)`: with the host's network: the host's own

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Ip } from '../../libcontainer/network.ts';
import type { NetworkedContainer } from '../driver.ts';
import { extraHost, hostsText, showLine, type HostLine } from './hosts.ts';
import { readResolvConf, resolvConf, type Resolver, type ResolverWish } from './resolv-conf.ts';
import type { FileTexts } from './write.ts';

export interface Surroundings {
  readonly mode: 'own' | 'plain';
  readonly ips: readonly Ip[];
  /** Lines for `--link`. */
  readonly links: readonly HostLine[];
  /** What `host-gateway` means. */
  readonly gateway: () => Ip | undefined;
  readonly dns: Pick<ResolverWish, 'servers' | 'search' | 'options'>;
}

export interface Texts {
  readonly files: FileTexts;
  readonly asked: readonly string[];
}

export function textsFor(container: NetworkedContainer, around: Surroundings): Texts {
  const { mode, ips, links, gateway, dns } = around;
  const { Hostname, Domainname } = container.config;
  const ipv6 = ips.some(({ version }) => version === 6);
  const { text, asked } = resolvConf(hostResolver(), { mode, ipv6, ...wished(container, dns) });
  const extra = (container.hostConfig.ExtraHosts ?? []).map(one => extraHost(one, gateway));
  const naming = { hostname: Hostname, domainname: Domainname, ips, extra: [...extra, ...links] };
  const files = { hostname: `${Hostname}\n`, hosts: hostsText(naming), 'resolv.conf': text };
  return { files, asked };
}

/** What a container says of its own goes before what the daemon says for all. */
function wished(
  { hostConfig }: NetworkedContainer,
  dns: Surroundings['dns'],
): Pick<ResolverWish, 'servers' | 'search' | 'options'> {
  const own = (mine: readonly string[] | null, all: readonly string[]): readonly string[] =>
    (mine?.length ?? 0) > 0 ? (mine ?? []) : all;
  return {
    servers: own(hostConfig.Dns, dns.servers),
    search: own(hostConfig.DnsSearch, dns.search),
    options: own(hostConfig.DnsOptions, dns.options),
  };
}

export function hostTexts(
  container: NetworkedContainer,
  { gateway, dns }: Pick<Surroundings, 'gateway' | 'dns'>,
): FileTexts {
  const extra = (container.hostConfig.ExtraHosts ?? []).map(one => extraHost(one, gateway));
  const lines = extra.map(line => `${showLine(line)}\n`).join('');
  const name = container.config.Hostname || hostname();
  const wish = wished(container, dns);
  const isPlain = Object.values(wish).every(list => list.length === 0);
  const own = read('/etc/resolv.conf');
  const resolv = isPlain
    ? own
    : resolvConf(readResolvConf(own), { mode: 'host', ipv6: true, ...wish }).text;
  return { hostname: `${name}\n`, hosts: `${read('/etc/hosts')}${lines}`, 'resolv.conf': resolv };
}

function hostResolver(): Resolver {
  return readResolvConf(read('/etc/resolv.conf'));
}

/** A host need not have one. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
