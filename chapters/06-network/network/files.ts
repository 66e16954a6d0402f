// The files that name things: /etc/hosts, /etc/hostname, /etc/resolv.conf.
//
// - `networkFiles(names)`: what stands in them
//
// They are mounted over what the image has and never written into it: an image knows
// nothing of the container's address. Source: hosts(5), resolv.conf(5).

import { formatIp, type Ip } from '../ipam/address.ts';

export interface Naming {
  /** What `hostname` says, and how it calls itself. */
  readonly hostname: string;
  readonly ips: readonly Ip[];
  /** `name:address` each. */
  readonly extraHosts: readonly string[];
  /** Whom it asks. */
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
}

/** The text of each file, by its path in the container. */
export function networkFiles(naming: Naming): ReadonlyMap<string, string> {
  return new Map([
    ['/etc/hosts', hosts(naming)],
    ['/etc/hostname', `${naming.hostname}\n`],
    ['/etc/resolv.conf', resolver(naming)],
  ]);
}

function hosts({ hostname, ips, extraHosts }: Naming): string {
  const extra = extraHosts.map(one => {
    const at = one.indexOf(':');
    return `${one.slice(at + 1)}\t${one.slice(0, at)}`;
  });
  return [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'ff02::1\tip6-allnodes',
    'ff02::2\tip6-allrouters',
    ...extra,
    ...ips.map(ip => `${formatIp(ip)}\t${hostname}`),
    '',
  ].join('\n');
}

function resolver({ nameservers, search }: Naming): string {
  const lines = [
    ...nameservers.map(server => `nameserver ${server}`),
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    // A name without a dot is tried as it is first: it may be a neighbour's.
    'options ndots:0',
  ];
  return `${lines.join('\n')}\n`;
}

/** What the host asks: the servers and the search list of its resolv.conf. */
export function readResolver(text: string): {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
} {
  const words = text.split('\n').map(line => line.trim().split(/\s+/));
  const of = (key: string): string[] =>
    words.flatMap(([first, ...rest]) => (first === key ? rest : []));
  return { nameservers: of('nameserver'), search: of('search') };
}
